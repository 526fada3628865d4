package org.resa4j.generate;

/** Adds up {@link DecodeTimes}; nothing is allocated for it on the way of a token. */
final class Tally {
  private long prefillTokens;
  private long prefillNanos;
  private long steps;
  private long stepTokens;
  private long stepNanos;
  private long rectifications;
  private long rectifyNanos;
  private long longestRectifyNanos;

  void prefilled(long tokens, long nanos) {
    prefillTokens += tokens;
    prefillNanos += nanos;
  }

  void stepped(long tokens, long nanos) {
    steps++;
    stepTokens += tokens;
    stepNanos += nanos;
  }

  void rectified(long nanos) {
    rectifications++;
    rectifyNanos += nanos;
    longestRectifyNanos = Math.max(longestRectifyNanos, nanos);
  }

  DecodeTimes times() {
    return new DecodeTimes(
        prefillTokens,
        prefillNanos,
        steps,
        stepTokens,
        stepNanos,
        rectifications,
        rectifyNanos,
        longestRectifyNanos);
  }
}
