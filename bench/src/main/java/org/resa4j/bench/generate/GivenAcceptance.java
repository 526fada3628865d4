package org.resa4j.bench.generate;

import java.util.Random;

/**
 * How much of exact mode's drafts is accepted, where the model's own would say nothing: its context
 * is random.
 *
 * @param window f, tokens that a dense pass verifies, the last one chosen and f - 1 drafts
 * @param rate probability that a draft is accepted where those before it were
 */
record GivenAcceptance(int window, double rate) {
  private static final long SEED = 7;

  /**
   * @throws IllegalArgumentException if the window is below 1 or the rate no probability
   */
  GivenAcceptance {
    if (window < 1) {
      throw new IllegalArgumentException("a window has at least 1 token, not " + window);
    }
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("acceptance is a probability, was " + rate);
    }
  }

  /** Tokens that a window yields on average: the accepted drafts and one more, at most f. */
  double meanYield() {
    double sum = 0;
    double survives = 1;
    for (int i = 0; i < window; i++) {
      sum += survives;
      survives *= rate;
    }
    return sum;
  }

  /** Windows that yield {@code count} tokens on average. */
  int windows(int count) {
    return (int) Math.ceil(count / meanYield());
  }

  /** The most that as many windows can yield. */
  int most(int count) {
    return Math.multiplyExact(windows(count), window);
  }

  /**
   * Draws what windows yield that make {@code count} tokens on average, the same each time. Drawn
   * from equal shares of the distribution: with few windows, chance would weigh more than what is
   * timed.
   *
   * @return {@code [window][sequence]}
   */
  int[][] draw(int sequences, int count) {
    int[][] yields = new int[windows(count)][sequences];
    int all = yields.length * sequences;
    Random random = new Random(SEED);
    int[] order = shuffled(all, random);
    for (int i = 0; i < all; i++) {
      double share = (order[i] + random.nextDouble()) / all;
      yields[i / sequences][i % sequences] = yielded(share);
    }
    return yields;
  }

  /** What a window yields of which {@code share} of all windows yield more. */
  private int yielded(double share) {
    int count = 1;
    for (double survives = rate; count < window && share < survives; survives *= rate) {
      count++;
    }
    return count;
  }

  private static int[] shuffled(int count, Random random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(i + 1);
      order[i] = order[at];
      order[at] = i;
    }
    return order;
  }
}
