package org.resa4j.grammar.schema;

import java.util.Collection;

/**
 * Within one of a node's words.
 *
 * @param at where, of the words
 */
record Word(int node, int at) implements Frame {

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    next(c, node, at, on, schema, into);
  }

  /** A whole word is left at once; where a longer one begins so, both are read. */
  static void next(
      char c, int node, int at, Reading on, JsonSchema schema, Collection<Reading> into) {
    Words words = schema.shape(node).words().orElseThrow();
    int next = words.next(at, c);
    if (next == Words.NONE) {
      return;
    }
    if (words.word(next) != Words.NONE) {
      into.add(on.below());
    }
    if (words.goesOn(next)) {
      into.add(on.at(new Word(node, next)));
    }
  }
}
