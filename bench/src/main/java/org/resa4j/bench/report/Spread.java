package org.resa4j.bench.report;

import java.util.Arrays;

/**
 * Repeated measurements of one thing: median and quartiles, in milliseconds.
 *
 * @param median second quartile
 * @param lower first quartile
 * @param upper third quartile
 */
public record Spread(double median, double lower, double upper) {
  /** Of the median: quartiles further apart say more of the machine than of what was measured. */
  private static final double NOISY = 0.25;

  /**
   * @throws IllegalArgumentException unless 0 ≤ lower ≤ median ≤ upper, all finite
   */
  public Spread {
    if (!(lower >= 0 && lower <= median && median <= upper && upper < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "quartiles %s, %s, %s are not ascending times".formatted(lower, median, upper));
    }
  }

  /**
   * The quartiles of at least one measurement, interpolated between neighbours.
   *
   * @param nanos in nanoseconds, in any order
   */
  public static Spread ofNanos(long... nanos) {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("a spread needs a measurement");
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Spread(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75));
  }

  private static double quantile(long[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return (sorted[below] + (at - below) * (sorted[above] - sorted[below])) / 1e6;
  }

  /** Whether the quartiles are more than a quarter of the median apart. */
  public boolean isNoisy() {
    return upper - lower > NOISY * median;
  }

  /** All three, times a factor that is not negative. */
  public Spread times(double factor) {
    return new Spread(median * factor, lower * factor, upper * factor);
  }

  /**
   * The sum of things measured apart: of their medians and, an upper bound of the sum's spread, of
   * their quartiles.
   */
  public Spread plus(Spread other) {
    return new Spread(median + other.median, lower + other.lower, upper + other.upper);
  }
}
