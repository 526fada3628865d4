package org.resa4j.grammar.schema;

import java.util.BitSet;
import java.util.List;
import org.resa4j.error.SchemaException;
import org.resa4j.grammar.TextState;
import org.resa4j.grammar.schema.Node.Choice;
import org.resa4j.grammar.schema.Node.Elements;
import org.resa4j.grammar.schema.Node.Length;
import org.resa4j.grammar.schema.Node.Shape;
import tools.jackson.databind.JsonNode;

/**
 * A JSON schema that texts can be held to. Every text that it allows is a value that the schema
 * describes, as JSON Schema 2020-12 has it; of the ways to write a value it allows some: declared
 * properties stand in the order of the schema, names and the values of an enum have one spelling.
 * What is not enforced is refused.
 *
 * <p>Equal to another of the same text, so that what is kept of one holds for the other. Immutable.
 */
public final class JsonSchema {
  /** How many objects and arrays may be open. */
  static final int MOST_OPEN = 64;

  /** Of what every vocabulary needs: what stands between parts, in numbers and in escapes. */
  private static final String STRUCTURE = "{}[]:,\"\\0ucd";

  private static final int ROOT = 0;

  private final String source;
  private final List<Node> nodes;
  private final Depths depths;

  private JsonSchema(String source, List<Node> nodes) {
    this.source = source;
    this.nodes = nodes;
    depths = Depths.of(nodes);
  }

  /**
   * Compiles a schema.
   *
   * @throws SchemaException if it is none, if it asks for what is not enforced, if it is above the
   *     limits, or if no value fits it
   */
  public static JsonSchema of(JsonNode schema) {
    String source = schema.toString();
    JsonSchema compiled = new JsonSchema(source, SchemaReader.read(schema, source));
    if (!compiled.fits(ROOT, 0)) {
      throw Place.ROOT.invalid(
          "describes no value, or none that nests at most %d deep".formatted(MOST_OPEN));
    }
    return compiled;
  }

  /** Before a value that it describes. */
  public TextState text() {
    return new SchemaText(this, List.of(Reading.of(ROOT)), 0);
  }

  /** ASCII characters with which a text can always go on, and be brought to an end. */
  public String characters() {
    BitSet characters = new BitSet();
    STRUCTURE.chars().forEach(characters::set);
    for (Node node : nodes) {
      if (node instanceof Shape shape) {
        shape.words().ifPresent(words -> words.addCharacters(characters));
        shape.object().ifPresent(object -> object.names().addCharacters(characters));
      }
    }
    return characters.stream()
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Numbers of the nodes that have a node's values: itself, or those that it is a choice of. */
  List<Integer> shapes(int node) {
    return nodes.get(node) instanceof Choice choice ? choice.among() : List.of(node);
  }

  Shape shape(int node) {
    return (Shape) nodes.get(node);
  }

  Properties properties(int node) {
    return shape(node).object().orElseThrow();
  }

  Elements elements(int node) {
    return shape(node).array().orElseThrow();
  }

  Length length(int node) {
    return shape(node).string().orElseThrow();
  }

  /**
   * Whether a node has a value that does not nest too deep.
   *
   * @param open how many objects and arrays are open before it
   */
  boolean fits(int node, int open) {
    return open + depths.any()[node] <= MOST_OPEN;
  }

  boolean objectFits(int node, int open) {
    return open + depths.object()[node] <= MOST_OPEN;
  }

  boolean arrayFits(int node, int open) {
    return open + depths.array()[node] <= MOST_OPEN;
  }

  boolean wordsFit(int node, int open) {
    return open + depths.words()[node] <= MOST_OPEN;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof JsonSchema it && source.equals(it.source));
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  /** The schema. */
  @Override
  public String toString() {
    return source;
  }
}
