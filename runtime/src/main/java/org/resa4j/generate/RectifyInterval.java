package org.resa4j.generate;

import java.util.Optional;
import org.resa4j.attention.DriftTarget;
import org.resa4j.attention.ResaConfig;

/**
 * One sequence's f, the generated tokens from a rectification to the next: fixed, or following the
 * drift that rectifications measure.
 *
 * <p>δ is the drift of the window that a rectification encoded again, smoothed. The next interval
 * is the one at which this δ would just reach the target, H·(target / δ)², within the target's
 * bounds and at most twice or half of the last. Where δ grows with f, smoothing is also what keeps
 * f from swinging: with δ ~ f^p an error of f is multiplied by 1 - (1 + 2p) / 2 from one
 * rectification to the next, which dies away up to p = 1.5.
 */
final class RectifyInterval {
  /** Weight of the newest δ. */
  private static final double NEWEST = 0.5;

  /** The most by which an interval differs from the one before, as a factor. */
  private static final int MOST_CHANGE = 2;

  private final Optional<DriftTarget> target;
  private int tokens;
  private double smoothed;
  private boolean measured;

  RectifyInterval(ResaConfig config) {
    target = config.driftTarget();
    tokens = config.rectifyEvery();
  }

  /** f; 0 where nothing is rectified. */
  int tokens() {
    return tokens;
  }

  boolean followsDrift() {
    return target.isPresent();
  }

  /**
   * Takes in a rectification of {@link #tokens()} tokens.
   *
   * @param drift δ
   * @return the recent drift that it ended
   */
  double rectified(double drift) {
    double recent = target.orElse(DriftTarget.DEFAULT).recentDrift(drift, tokens);
    smoothed = measured ? smoothed + NEWEST * (drift - smoothed) : drift;
    measured = true;
    target.ifPresent(
        wanted ->
            tokens =
                Math.clamp(
                    wanted.every(smoothed),
                    Math.max(wanted.minEvery(), Math.ceilDiv(tokens, MOST_CHANGE)),
                    Math.min(wanted.maxEvery(), tokens * MOST_CHANGE)));
    return recent;
  }
}
