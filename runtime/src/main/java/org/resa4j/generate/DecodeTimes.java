package org.resa4j.generate;

/**
 * Wall time and counts, of one text or of all together.
 *
 * @param prefillTokens prompt tokens encoded
 * @param prefillNanos time for them
 * @param decodedTokens tokens of the text that steps and verifications decided: all but the first
 * @param steps decoding steps, each of one token a row
 * @param stepNanos time for them, choosing tokens included
 * @param rectifications how often a window was encoded again
 * @param rectifyNanos time for that
 * @param longestRectifyNanos the longest, which a reader of a stream may notice
 * @param verifications how often a drafted window was verified
 * @param verifyNanos time for that, choosing tokens included
 * @param longestVerifyNanos the longest
 */
public record DecodeTimes(
    long prefillTokens,
    long prefillNanos,
    long decodedTokens,
    long steps,
    long stepNanos,
    long rectifications,
    long rectifyNanos,
    long longestRectifyNanos,
    long verifications,
    long verifyNanos,
    long longestVerifyNanos) {

  public double prefillTokensPerSecond() {
    return prefillNanos == 0 ? 0 : prefillTokens * 1e9 / prefillNanos;
  }

  /** Tokens decoded in a second, rectification and verification included. */
  public double decodeTokensPerSecond() {
    long nanos = stepNanos + rectifyNanos + verifyNanos;
    return nanos == 0 ? 0 : decodedTokens * 1e9 / nanos;
  }
}
