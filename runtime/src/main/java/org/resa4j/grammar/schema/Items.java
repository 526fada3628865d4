package org.resa4j.grammar.schema;

import java.util.Collection;
import org.resa4j.grammar.schema.Node.Elements;

/**
 * Between the values of an array.
 *
 * @param node of the array
 * @param count how many it has, as far as it matters for what may follow
 * @param opened whether the bracket is the last that was read
 */
record Items(int node, int count, boolean opened) implements Frame {

  /** Behind the bracket. */
  Items(int node) {
    this(node, 0, true);
  }

  @Override
  public boolean takesSpace() {
    return true;
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    Elements elements = schema.elements(node);
    if (c == ']') {
      if (count >= elements.least()) {
        into.add(on.below());
      }
      return;
    }
    int value = elements.node(count);
    if (count == elements.most() || !schema.fits(value, on.depth())) {
      return;
    }
    Reading before =
        on.at(new Items(node, elements.count(count + 1), false)).push(new Value(value));
    if (opened) {
      before.next(c, schema, into);
    } else if (c == ',') {
      into.add(before);
    }
  }
}
