package org.resa4j.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * A figure and its 95% confidence interval.
 *
 * @param estimate the figure
 * @param lower the interval's lower end
 * @param upper its upper end
 */
public record Interval(double estimate, double lower, double upper) {
  /** The standard normal distribution's 97.5% quantile. */
  private static final double Z = 1.959963984540054;

  private static final int RESAMPLES = 2000;

  /** Fixed, so that the same results always print the same interval. */
  private static final long SEED = 0;

  /**
   * @throws IllegalArgumentException unless lower ≤ estimate ≤ upper, all finite
   */
  public Interval {
    if (!(Double.isFinite(lower)
        && lower <= estimate
        && estimate <= upper
        && Double.isFinite(upper))) {
      throw new IllegalArgumentException(
          "%s is no figure between %s and %s".formatted(estimate, lower, upper));
    }
  }

  /** The same in another unit, one that is a {@code factor}, at least 0, of this one's. */
  public Interval times(double factor) {
    return new Interval(factor * estimate, factor * lower, factor * upper);
  }

  /**
   * A share, by Wilson's score interval, which holds its level for few trials and for shares near 0
   * and 1 too.
   *
   * @param successes at most {@code trials}
   * @param trials at least 1, independent of each other
   * @throws IllegalArgumentException for counts outside those ranges
   * @see <a href="https://doi.org/10.1080/01621459.1927.10502953">Wilson, 1927</a>
   */
  public static Interval wilson(long successes, long trials) {
    if (trials < 1 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "%d of %d is no share of trials".formatted(successes, trials));
    }
    double share = (double) successes / trials;
    double square = Z * Z / trials;
    double middle = (share + square / 2) / (1 + square);
    double half = Z / (1 + square) * Math.sqrt(share * (1 - share) / trials + square / trials / 4);
    // At 0 and 1 an end is the share itself, but for rounding.
    return new Interval(
        share, Math.clamp(middle - half, 0, share), Math.clamp(middle + half, share, 1));
  }

  /**
   * A mean, by the percentile bootstrap.
   *
   * @param values at least one, finite, independent of each other
   * @throws IllegalArgumentException for no values, or one that is not finite
   */
  public static Interval bootstrapMean(double... values) {
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return bootstrap(values, ones);
  }

  /**
   * A share of trials that come in clusters, such as the steps of a text: by the percentile
   * bootstrap over clusters, as trials of one cluster depend on each other. Where all trials came
   * out alike, resampling knows no spread; then by {@link #wilson}, with a cluster as one trial.
   *
   * @param successes of each cluster
   * @param trials of each cluster, above 0 in sum
   * @throws IllegalArgumentException for counts that are no share of trials
   */
  public static Interval bootstrapShare(long[] successes, long[] trials) {
    if (successes.length != trials.length) {
      throw new IllegalArgumentException(
          "%d and %d clusters".formatted(successes.length, trials.length));
    }
    for (int i = 0; i < trials.length; i++) {
      if (successes[i] < 0 || successes[i] > trials[i]) {
        throw new IllegalArgumentException(
            "%d of %d is no share of trials".formatted(successes[i], trials[i]));
      }
    }
    long right = LongStream.of(successes).sum();
    long all = LongStream.of(trials).sum();
    if (all > 0 && (right == 0 || right == all)) {
      long clusters = LongStream.of(trials).filter(count -> count > 0).count();
      return wilson(right == 0 ? 0 : clusters, clusters);
    }
    return bootstrap(
        LongStream.of(successes).asDoubleStream().toArray(),
        LongStream.of(trials).asDoubleStream().toArray());
  }

  /**
   * The ratio of two sums over the same clusters, resampled together by the percentile bootstrap.
   *
   * @param numerators of each cluster
   * @param denominators of each cluster, none negative
   * @throws IllegalArgumentException for sums without a finite ratio
   */
  public static Interval bootstrapRatio(double[] numerators, double[] denominators) {
    if (numerators.length != denominators.length) {
      throw new IllegalArgumentException(
          "%d and %d clusters".formatted(numerators.length, denominators.length));
    }
    return bootstrap(numerators, denominators);
  }

  private static Interval bootstrap(double[] numerators, double[] denominators) {
    double estimate = Arrays.stream(numerators).sum() / Arrays.stream(denominators).sum();
    if (!Double.isFinite(estimate)) {
      throw new IllegalArgumentException("no finite values to take the mean of");
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] ratios = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      ratios[i] = resampled(numerators, denominators, random);
    }
    Arrays.sort(ratios);
    // A skewed sample may put the estimate itself outside the percentiles.
    return new Interval(
        estimate,
        Math.min(estimate, ratios[(int) (0.025 * RESAMPLES)]),
        Math.max(estimate, ratios[(int) (0.975 * RESAMPLES) - 1]));
  }

  private static double resampled(
      double[] numerators, double[] denominators, SplittableRandom random) {
    double above = 0;
    double below = 0;
    // A draw of clusters without any trial is drawn again.
    while (below == 0) {
      for (int i = 0; i < numerators.length; i++) {
        int drawn = random.nextInt(numerators.length);
        above += numerators[drawn];
        below += denominators[drawn];
      }
    }
    return above / below;
  }

  /**
   * Whether two figures, measured apart, may be of one truth: whether the 95% interval of their
   * difference, made of both intervals' halves, holds 0.
   *
   * @see <a
   *     href="https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I">
   *     Newcombe, 1998, method 10</a>
   */
  public boolean agrees(Interval other) {
    return agrees(other, 1);
  }

  /**
   * The same as one of several comparisons, which together err with 5% at most (Bonferroni).
   *
   * @param comparisons at least 1
   * @throws IllegalArgumentException for fewer
   */
  public boolean agrees(Interval other, int comparisons) {
    if (comparisons < 1) {
      throw new IllegalArgumentException("there is no comparison " + comparisons);
    }
    double wider = quantile(0.025 / comparisons) / Z;
    double difference = estimate - other.estimate;
    return difference <= wider * Math.hypot(estimate - lower, other.upper - other.estimate)
        && -difference <= wider * Math.hypot(upper - estimate, other.estimate - other.lower);
  }

  /**
   * Where the standard normal distribution has {@code tail} beyond it, within 5e-4.
   *
   * @see <a href="https://personal.math.ubc.ca/~cbm/aands/page_933.htm">Abramowitz and Stegun,
   *     26.2.23</a>
   */
  private static double quantile(double tail) {
    double t = Math.sqrt(-2 * Math.log(tail));
    return t
        - (2.515517 + t * (0.802853 + t * 0.010328))
            / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  }

  /** {@code 93.8 [85.0, 97.5]}, in percent. */
  public String percent() {
    return String.format(
        Locale.ROOT, "%.1f [%.1f, %.1f]", 100 * estimate, 100 * lower, 100 * upper);
  }
}
