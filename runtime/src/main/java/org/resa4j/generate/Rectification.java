package org.resa4j.generate;

import java.util.OptionalDouble;

/**
 * What was rectified in one text or several.
 *
 * @param count rectifications
 * @param tokens tokens encoded again in them
 * @param measured how many of them measured drift
 * @param recentDrift the mean over those of the recent drift that each ended, see {@link
 *     org.resa4j.attention.DriftTarget}; at a fixed interval over the default's H tokens; empty
 *     where none measured it
 */
public record Rectification(int count, long tokens, int measured, OptionalDouble recentDrift) {
  public static final Rectification NONE = new Rectification(0, 0, 0, OptionalDouble.empty());

  /**
   * @throws IllegalArgumentException for a negative number, more measured than there were, or a
   *     mean of none
   */
  public Rectification {
    if (count < 0
        || tokens < 0
        || measured < 0
        || measured > count
        || recentDrift.isPresent() != (measured > 0)
        || recentDrift.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "%d rectifications of %d tokens, %d measured with a drift of %s"
              .formatted(count, tokens, measured, recentDrift));
    }
  }

  /** One rectification. */
  static Rectification measured(int tokens, double recentDrift) {
    return new Rectification(1, tokens, 1, OptionalDouble.of(recentDrift));
  }

  /** One rectification whose drift was not measured. */
  static Rectification unmeasured(int tokens) {
    return new Rectification(1, tokens, 0, OptionalDouble.empty());
  }

  /** Mean of the intervals, in tokens; 0 where nothing was rectified. */
  public double meanInterval() {
    return count == 0 ? 0 : (double) tokens / count;
  }

  /** Both together; each rectification that measured drift counts alike. */
  public Rectification plus(Rectification other) {
    int both = measured + other.measured;
    double sum = recentDrift.orElse(0) * measured + other.recentDrift.orElse(0) * other.measured;
    return new Rectification(
        count + other.count,
        tokens + other.tokens,
        both,
        both == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / both));
  }
}
