package org.resa4j.tornado.attention;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Scores as the kernels of select compare them. */
public final class Scores {
  /**
   * What {@link #finite} makes of all that is lower, and of what is no number. So far from the
   * largest float that the sum of two is finite: relaxed arithmetic may halve two after adding
   * them.
   */
  public static final float LOWEST = -1e38f;

  /** What {@link #finite} makes of all that is higher. */
  public static final float HIGHEST = 1e38f;

  /** More rounds than a search between two finite scores takes, which halves what lies between. */
  public static final int MAX_ROUNDS = 400;

  private Scores() {}

  /**
   * A score between {@link #LOWEST} and {@link #HIGHEST}, since a cache may hold anything. Of a NaN
   * only where arithmetic is strict, as in Java and on CUDA: TornadoVM has OpenCL compilers assume
   * that there is none, so that nothing may depend on it.
   */
  public static float finite(float score) {
    float finite = LOWEST;
    if (score > LOWEST) {
      finite = TornadoMath.min(score, HIGHEST);
    }
    return finite;
  }

  /** A value below a finite score by little. */
  public static float below(float score) {
    return score - TornadoMath.max(TornadoMath.abs(score) * 1e-6f, 1e-30f);
  }

  /** A value above a finite score by little. */
  public static float above(float score) {
    return score + TornadoMath.max(TornadoMath.abs(score) * 1e-6f, 1e-30f);
  }
}
