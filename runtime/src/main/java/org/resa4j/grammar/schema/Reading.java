package org.resa4j.grammar.schema;

import java.util.Collection;
import java.util.Objects;

/**
 * One way to read a text: what it is within of. Immutable, and equal by value; its hash code is
 * made once, as readings are told apart for every character of every token.
 */
final class Reading {
  private final Frame top;
  private final Reading below;
  private final int depth;
  private final int hash;

  private Reading(Frame top, Reading below, int depth) {
    this.top = top;
    this.below = below;
    this.depth = depth;
    hash = 31 * top.hashCode() + (below == null ? 0 : below.hash);
  }

  /** The innermost. */
  Frame top() {
    return top;
  }

  /** What goes on when that is whole; null only below the {@linkplain Frame.End end}. */
  Reading below() {
    return below;
  }

  /** How many objects and arrays are open. */
  int depth() {
    return depth;
  }

  /** Before a value that is all of the text. */
  static Reading of(int node) {
    return new Reading(Frame.End.HERE, null, 0).push(new Value(node));
  }

  /** Something within. */
  Reading push(Frame frame) {
    return new Reading(frame, this, depth);
  }

  /** An object or an array within. */
  Reading open(Frame frame) {
    return new Reading(frame, this, depth + 1);
  }

  /** The same place further on. */
  Reading at(Frame frame) {
    return frame.equals(top) ? this : new Reading(frame, below, depth);
  }

  /**
   * Reads a character.
   *
   * @param into gets what comes of it
   */
  void next(char c, JsonSchema schema, Collection<Reading> into) {
    if (SchemaText.isSpace(c) && top.takesSpace()) {
      into.add(this);
      return;
    }
    top.next(c, this, schema, into);
    if (top.isComplete()) {
      below.next(c, schema, into);
    }
  }

  /** Whether the text may end here. */
  boolean isComplete() {
    return top instanceof Frame.End || (top.isComplete() && below.top instanceof Frame.End);
  }

  /** A reading where the same may follow, of texts up to a length. */
  Reading within(int characters, JsonSchema schema) {
    return top instanceof Characters string ? at(string.within(characters, schema)) : this;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Reading it
            && hash == it.hash
            && depth == it.depth
            && top.equals(it.top)
            && Objects.equals(below, it.below));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
