package org.resa4j.generate;

/**
 * Wall time and counts, of one text or of all together.
 *
 * @param prefillTokens prompt tokens encoded
 * @param prefillNanos time for them
 * @param steps decoding steps, each of one token a row
 * @param stepTokens tokens decoded in them
 * @param stepNanos time for them, choosing tokens included
 * @param rectifications how often a window was encoded again
 * @param rectifyNanos time for that
 * @param longestRectifyNanos the longest, which a reader of a stream may notice
 */
public record DecodeTimes(
    long prefillTokens,
    long prefillNanos,
    long steps,
    long stepTokens,
    long stepNanos,
    long rectifications,
    long rectifyNanos,
    long longestRectifyNanos) {

  public double prefillTokensPerSecond() {
    return prefillNanos == 0 ? 0 : prefillTokens * 1e9 / prefillNanos;
  }

  /** Tokens decoded in a second, rectification included. */
  public double decodeTokensPerSecond() {
    long nanos = stepNanos + rectifyNanos;
    return nanos == 0 ? 0 : stepTokens * 1e9 / nanos;
  }
}
