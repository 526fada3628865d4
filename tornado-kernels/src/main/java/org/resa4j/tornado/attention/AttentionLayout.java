package org.resa4j.tornado.attention;

import org.resa4j.attention.AttentionShape;

/**
 * Sizes of the device arrays of one layer's attention.
 *
 * @param shape heads and head dimension
 * @param sequences slots of the cache, and the most rows of a step
 * @param contextLength tokens that a slot holds
 * @param blockSize tokens in a block, b
 * @param encodeTokens the most tokens of an encode call
 * @param stepSplits work-groups that share the keys of one row and head in a step
 * @param encodeSplits work-groups that share the keys of one token and head in an encode call
 * @param storage how cache and descriptors lie in their arrays
 */
public record AttentionLayout(
    AttentionShape shape,
    int sequences,
    int contextLength,
    int blockSize,
    int encodeTokens,
    int stepSplits,
    int encodeSplits,
    CacheStorage storage) {

  /** Blocks that a slot holds, ceil(context / b). */
  public int blockCapacity() {
    return Math.ceilDiv(contextLength, blockSize);
  }

  /** Tokens for which a slot has room: whole blocks. */
  public int contextPadded() {
    return Math.multiplyExact(blockCapacity(), blockSize);
  }

  /** Rows that query, keys, values and output have room for: a step's rows or a chunk's tokens. */
  public int rowCapacity() {
    return Math.max(sequences, encodeTokens);
  }

  /** Values of K, and of V, of one layer: {@code [sequence][kvHead][contextPadded][d]}. */
  public long cacheValues() {
    return Math.multiplyExact(
        (long) sequences * shape.kvHeads(), (long) contextPadded() * shape.headDim());
  }

  /** Values of the minima, and of the maxima: {@code [sequence][kvHead][blockCapacity][d]}. */
  public long descriptorValues() {
    return Math.multiplyExact(
        (long) sequences * shape.kvHeads(), (long) blockCapacity() * shape.headDim());
  }

  /** Scores of a step's blocks: {@code [row][kvHead][blockCapacity]}. */
  public long scoreValues() {
    return (long) sequences * shape.kvHeads() * blockCapacity();
  }

  /** Query heads times splits over all rows, the larger of step and encode. */
  public long partials() {
    return shape.heads()
        * Math.max((long) sequences * stepSplits, (long) encodeTokens * encodeSplits);
  }
}
