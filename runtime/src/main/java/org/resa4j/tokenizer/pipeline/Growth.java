package org.resa4j.tokenizer.pipeline;

/** Lengths of arrays that grow. */
final class Growth {
  /** A little less than the longest array that JVMs make. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private Growth() {}

  /**
   * The next length of an array.
   *
   * @throws OutOfMemoryError if no array is that long
   */
  static int next(int length, long needed) {
    if (needed > LONGEST) {
      throw new OutOfMemoryError("an array of %d elements".formatted(needed));
    }
    return (int) Math.min(LONGEST, Math.max(needed, 2L * length));
  }
}
