package org.resa4j.generate;

/**
 * Noise that makes a choice of the highest score a random draw: with g standard Gumbel, the i that
 * maximises l_i / T + g_i has the probability softmax(l / T)_i (the Gumbel-max trick). It is a
 * function of seed, position and token alone, so that whoever scores the same position with the
 * same seed chooses alike, in whatever order and company: a sparse draft, the dense pass that
 * verifies it, a batch, a text that was interrupted.
 *
 * <p>Independence: the noise of different tokens and positions comes of different inputs to a
 * 64-bit mixing function whose outputs pass for random.
 */
public final class GumbelNoise {
  private static final double LN2 = Math.log(2);
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long key;

  /**
   * @param position of the token that is chosen, from 0 for the prompt's first
   */
  public GumbelNoise(long seed, int position) {
    key = mix(mix(seed) + GOLDEN * (position + 1L));
  }

  /** g of a token: -log(-log u), u uniform in (0, 1). */
  public double of(int token) {
    return -Math.log(-Math.log(uniform(bits(token))));
  }

  /**
   * Whether g of a token may be above a bound; cheap, and false only if it is not. Few tokens are
   * left for the logarithms.
   */
  boolean mayExceed(int token, double bound) {
    // g <= -log(1 - u), and 1 - u is above 2^-(k+1) where u begins with k ones.
    return bound < (Long.numberOfLeadingZeros(~bits(token)) + 1) * LN2;
  }

  private long bits(int token) {
    return mix(key + GOLDEN * (token + 1L));
  }

  /** 53 bits, and half of the last place: never 0 and never 1. */
  private static double uniform(long bits) {
    return ((bits >>> 11) + 0.5) * 0x1p-53;
  }

  /** Stafford's 13th variant of the finaliser of MurmurHash3, as in SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
