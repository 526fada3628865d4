package org.resa4j.grammar.schema;

import java.util.Collection;
import java.util.stream.IntStream;

/**
 * Between the properties of an object.
 *
 * @param node of the object
 * @param next the first declared property that is not passed
 */
record Members(int node, int next, Place place) implements Frame {

  /** What was read last. */
  enum Place {
    OPENED,
    COMMA,
    VALUE
  }

  @Override
  public boolean takesSpace() {
    return true;
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    Properties properties = schema.properties(node);
    switch (c) {
      case '}' -> {
        if (place != Place.COMMA && properties.mayEnd(next)) {
          into.add(on.below());
        }
      }
      case ',' -> {
        if (place == Place.VALUE && goesOn(properties, on, schema)) {
          into.add(on.at(new Members(node, next, Place.COMMA)));
        }
      }
      case '"' -> {
        if (place != Place.VALUE && goesOn(properties, on, schema)) {
          into.add(on.at(new Name(node, next, Words.BEGIN)));
        }
      }
      default -> {
        // Nothing else may follow.
      }
    }
  }

  /** Whether there may be another property. */
  private boolean goesOn(Properties properties, Reading on, JsonSchema schema) {
    return Name.takesOther(properties, next, on, schema)
        || Name.takesAny(
            IntStream.range(next, properties.declared().size()), properties, next, on, schema);
  }
}
