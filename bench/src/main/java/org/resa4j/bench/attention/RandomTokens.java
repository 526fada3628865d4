package org.resa4j.bench.attention;

import java.util.stream.IntStream;
import org.resa4j.attention.AttentionShape;

/**
 * Random keys and values of any number of tokens that are nowhere stored: each is computed from its
 * position, by the mixing function of SplitMix64 as a counter-based generator, so that a million
 * tokens can be loaded in chunks, and looked at again in any order, in little memory.
 *
 * <p>Uniform, of variance 1 and mean 0.
 */
final class RandomTokens {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final float WIDTH = (float) Math.sqrt(12);

  private final AttentionShape shape;
  private final long seed;

  RandomTokens(AttentionShape shape, long seed) {
    this.shape = shape;
    this.seed = seed;
  }

  float key(int token, int kvHead, int j) {
    return uniform(bits(token, kvHead, j) >>> 40);
  }

  float value(int token, int kvHead, int j) {
    return uniform(bits(token, kvHead, j) & 0xFFFFFF);
  }

  /**
   * Writes K and V of {@code count} tokens from {@code from}, on all cores.
   *
   * @param key {@code [count][Hkv][d]}
   * @param value {@code [count][Hkv][d]}
   */
  void write(int from, int count, float[] key, float[] value) {
    int row = shape.kvHeads() * shape.headDim();
    IntStream.range(0, count)
        .parallel()
        .forEach(
            token -> {
              for (int i = 0; i < row; i++) {
                long bits = bits((long) (from + token) * row + i);
                key[token * row + i] = uniform(bits >>> 40);
                value[token * row + i] = uniform(bits & 0xFFFFFF);
              }
            });
  }

  private long bits(int token, int kvHead, int j) {
    return bits(((long) token * shape.kvHeads() + kvHead) * shape.headDim() + j);
  }

  /** Stafford's mix 13 of a Weyl sequence. */
  private long bits(long index) {
    long z = seed + (index + 1) * GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** From 24 bits, which a float holds exactly. */
  private static float uniform(long bits) {
    return (bits * 0x1p-24f - 0.5f) * WIDTH;
  }
}
