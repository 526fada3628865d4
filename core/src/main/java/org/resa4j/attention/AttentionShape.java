package org.resa4j.attention;

/**
 * The shape of one attention layer.
 *
 * @param heads query heads, Hq
 * @param kvHeads key/value heads, Hkv; query heads {@code h·G .. h·G+G-1} share head h, G = Hq /
 *     Hkv
 * @param headDim d
 */
public record AttentionShape(int heads, int kvHeads, int headDim) {
  /**
   * @throws IllegalArgumentException for counts below 1, query heads no multiple of KV heads, or
   *     more values of one token than an int counts
   */
  public AttentionShape {
    if (heads < 1 || kvHeads < 1 || headDim < 1) {
      throw new IllegalArgumentException(
          "heads, kvHeads and headDim must be at least 1, were %d, %d, %d"
              .formatted(heads, kvHeads, headDim));
    }
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "%d query heads do not divide into %d groups".formatted(heads, kvHeads));
    }
    if ((long) heads * headDim > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "heads times headDim must be at most %d, was %d times %d"
              .formatted(Integer.MAX_VALUE, heads, headDim));
    }
  }

  /** G, the query heads that share a KV head. */
  public int group() {
    return heads / kvHeads;
  }
}
