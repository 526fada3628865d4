package org.resa4j.generate;

/**
 * What steps and verifications take in this run, and the window that yields most tokens for it. A
 * verification takes a time for the pass and a time for each token; both are fitted to those seen,
 * recent ones counting more.
 */
final class DraftCosts {
  /** What a time counts for when the next of its kind is seen. */
  private static final double KEPT = 0.9;

  /** The share of a verification that goes with its tokens, until two lengths were seen. */
  private static final double ASSUMED_SHARE = 0.5;

  private double stepWeight;
  private double stepSum;

  // Weighted sums over verifications: of 1, tokens, tokens squared, times, tokens times times.
  private double weight;
  private double tokens;
  private double squares;
  private double times;
  private double products;

  void stepped(long nanos) {
    stepWeight = stepWeight * KEPT + 1;
    stepSum = stepSum * KEPT + nanos;
  }

  /**
   * @param count tokens that were verified
   */
  void verified(int count, long nanos) {
    weight = weight * KEPT + 1;
    tokens = tokens * KEPT + count;
    squares = squares * KEPT + (double) count * count;
    times = times * KEPT + nanos;
    products = products * KEPT + (double) count * nanos;
  }

  /** Whether there is anything to go by. */
  boolean known() {
    return stepWeight > 0 && weight > 0;
  }

  /**
   * The window that yields most tokens in a second.
   *
   * @param acceptance probability that a draft is accepted where those before it were
   */
  int bestWindow(double acceptance, int min, int max) {
    double step = stepSum / stepWeight;
    double perToken = perToken();
    double fixed = Math.max(0, (times - perToken * tokens) / weight);
    int best = min;
    double highest = 0;
    double yield = 0;
    double survives = 1;
    for (int window = 1; window <= max; window++) {
      // Sum over i < window of acceptance^i: the first token is certain, drafts come after it.
      yield += survives;
      survives *= acceptance;
      double rate = yield / (step * (window - 1) + fixed + perToken * window);
      if (window >= min && rate > highest) {
        highest = rate;
        best = window;
      }
    }
    return best;
  }

  private double perToken() {
    double mean = tokens / weight;
    double variance = squares / weight - mean * mean;
    double assumed = ASSUMED_SHARE * times / tokens;
    if (variance < 0.5) {
      return assumed;
    }
    double slope = (products / weight - mean * times / weight) / variance;
    // Noise can make it negative, or the fixed part.
    return Math.clamp(slope, 0, times / tokens);
  }
}
