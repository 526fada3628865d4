package org.resa4j.grammar.schema;

import java.util.Collection;
import org.resa4j.grammar.schema.Node.Numbers;
import org.resa4j.grammar.schema.Node.Shape;

/**
 * Before a value.
 *
 * @param node its node
 */
record Value(int node) implements Frame {

  @Override
  public boolean takesSpace() {
    return true;
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    for (int each : schema.shapes(node)) {
      begin(c, each, on, schema, into);
    }
  }

  private static void begin(
      char c, int node, Reading on, JsonSchema schema, Collection<Reading> into) {
    Shape shape = schema.shape(node);
    if (shape.words().isPresent() && schema.wordsFit(node, on.depth())) {
      Word.next(c, node, Words.BEGIN, on, schema, into);
    }
    switch (c) {
      case '{' -> {
        if (shape.object().isPresent() && schema.objectFits(node, on.depth())) {
          into.add(on.below().open(new Members(node, 0, Members.Place.OPENED)));
        }
      }
      case '[' -> {
        if (shape.array().isPresent() && schema.arrayFits(node, on.depth())) {
          into.add(on.below().open(new Items(node)));
        }
      }
      case '"' -> {
        if (shape.string().isPresent()) {
          into.add(on.at(new Characters(node)));
        }
      }
      default -> {
        if (shape.numbers() != Numbers.NONE) {
          Digits.begin(c, shape.numbers() == Numbers.WHOLE, on, into);
        }
      }
    }
  }
}
