package org.resa4j.grammar.schema;

import java.util.Collection;

/** What a text is within of: one thing that is being written. Immutable, and equal by value. */
sealed interface Frame
    permits Characters, Digits, Frame.Colon, Frame.End, Items, Members, Name, Value, Word {

  /** Whether white space may stand here. */
  default boolean takesSpace() {
    return false;
  }

  /** Whether it is whole, though more of it may follow. */
  default boolean isComplete() {
    return false;
  }

  /**
   * Reads a character that is no white space between parts.
   *
   * @param on the reading that has this frame on top
   * @param into gets the readings after it; none where it may not follow
   */
  void next(char c, Reading on, JsonSchema schema, Collection<Reading> into);

  /** Behind a name. */
  record Colon() implements Frame {
    static final Colon HERE = new Colon();

    @Override
    public boolean takesSpace() {
      return true;
    }

    @Override
    public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
      if (c == ':') {
        into.add(on.below());
      }
    }
  }

  /** Behind everything. */
  record End() implements Frame {
    static final End HERE = new End();

    @Override
    public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
      // Nothing follows.
    }
  }
}
