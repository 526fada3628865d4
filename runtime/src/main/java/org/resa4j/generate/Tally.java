package org.resa4j.generate;

/** Adds up {@link DecodeTimes}; nothing is allocated for it on the way of a token. */
final class Tally {
  private long prefillTokens;
  private long prefillNanos;
  private long decodedTokens;
  private long steps;
  private long stepNanos;
  private long rectifications;
  private long rectifyNanos;
  private long longestRectifyNanos;
  private long verifications;
  private long verifyNanos;
  private long longestVerifyNanos;

  void prefilled(long tokens, long nanos) {
    prefillTokens += tokens;
    prefillNanos += nanos;
  }

  /**
   * @param tokens of the text that the step decided; a draft's are none
   */
  void stepped(long tokens, long nanos) {
    steps++;
    decodedTokens += tokens;
    stepNanos += nanos;
  }

  /**
   * @param windows that one pass took
   */
  void rectified(int windows, long nanos) {
    rectifications += windows;
    rectifyNanos += nanos;
    longestRectifyNanos = Math.max(longestRectifyNanos, nanos);
  }

  /**
   * @param windows that one pass took
   * @param tokens of the text that it decided
   */
  void verified(int windows, long tokens, long nanos) {
    verifications += windows;
    decodedTokens += tokens;
    verifyNanos += nanos;
    longestVerifyNanos = Math.max(longestVerifyNanos, nanos);
  }

  DecodeTimes times() {
    return new DecodeTimes(
        prefillTokens,
        prefillNanos,
        decodedTokens,
        steps,
        stepNanos,
        rectifications,
        rectifyNanos,
        longestRectifyNanos,
        verifications,
        verifyNanos,
        longestVerifyNanos);
  }
}
