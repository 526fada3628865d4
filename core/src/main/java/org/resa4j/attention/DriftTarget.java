package org.resa4j.attention;

/**
 * Rectification as often as a target needs: the interval f follows the drift that rectification
 * measures, instead of being fixed.
 *
 * <p>What is held is the <em>recent drift</em>: the relative error of K and V of the last {@code
 * maxEvery} generated tokens just before a rectification. Of those H tokens the f since the last
 * rectification have drifted, by δ, and the others have not, so that it is δ·sqrt(f / H). It grows
 * with f even where δ does not.
 *
 * @param recentDrift the target, in (0, 1)
 * @param minEvery shortest interval, in tokens
 * @param maxEvery longest interval, H, in tokens
 */
public record DriftTarget(double recentDrift, int minEvery, int maxEvery) {

  /**
   * A recent drift of 0.02, at which long texts of the model that ships are as right as with dense
   * decoding; intervals of 8 to 256 tokens.
   */
  public static final DriftTarget DEFAULT = new DriftTarget(0.02, 8, 256);

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public DriftTarget {
    if (!(recentDrift > 0 && recentDrift < 1)) {
      throw new IllegalArgumentException(
          "the target of drift is a relative error, above 0 and below 1, was " + recentDrift);
    }
    if (minEvery < 1) {
      throw new IllegalArgumentException("minEvery must be at least 1, was " + minEvery);
    }
    if (maxEvery < minEvery) {
      throw new IllegalArgumentException(
          "maxEvery must be at least minEvery, %d, was %d".formatted(minEvery, maxEvery));
    }
  }

  /** The default bounds with another target. */
  public static DriftTarget of(double recentDrift) {
    return new DriftTarget(recentDrift, DEFAULT.minEvery, DEFAULT.maxEvery);
  }

  /**
   * The recent drift that a rectification ended.
   *
   * @param drift δ, relative drift of the tokens it encoded again
   * @param tokens f, how many they were
   */
  public double recentDrift(double drift, int tokens) {
    return drift * Math.sqrt(Math.min(1, (double) tokens / maxEvery));
  }

  /** The interval, in tokens, at which a window's drift δ makes the recent drift the target. */
  public int every(double drift) {
    double ratio = recentDrift / drift;
    return (int) Math.clamp(Math.round(maxEvery * ratio * ratio), minEvery, maxEvery);
  }
}
