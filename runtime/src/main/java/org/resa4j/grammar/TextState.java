package org.resa4j.grammar;

/**
 * Where a text stands in a grammar. Immutable, and equal to another where the same may follow: what
 * may follow is kept for each.
 */
public interface TextState {

  /** Where it stands after one more character; null where that may not follow. */
  TextState next(char character);

  /** Whether the text may end here. */
  boolean isComplete();

  /**
   * A place where the same may follow, of texts up to a length, and that more places have in
   * common: far from the bounds of a count it matters little how far.
   *
   * @param length characters
   */
  default TextState within(int length) {
    return this;
  }

  /** What texts of one grammar have in common; what is kept of it is dropped together. */
  default Object grammar() {
    return TextState.class;
  }
}
