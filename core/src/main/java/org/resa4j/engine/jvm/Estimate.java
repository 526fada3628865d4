package org.resa4j.engine.jvm;

import org.resa4j.engine.BlockTable;

/**
 * Stage 2: scores blocks by an upper bound of their attention logits.
 *
 * <p>{@code q̄} is the mean of a group's G query heads; {@code score_i = sum_j max(q̄_j kmax_ij,
 * q̄_j kmin_ij)}.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, block scoring</a>
 */
final class Estimate {
  private Estimate() {}

  /**
   * Mean of a group's query heads.
   *
   * @param query {@code [G][d]} from {@code offset}
   * @param mean {@code [d]}, written
   */
  static void meanQuery(float[] query, int offset, int group, int width, float[] mean) {
    for (int j = 0; j < width; j++) {
      float sum = 0;
      for (int g = 0; g < group; g++) {
        sum += query[offset + g * width + j];
      }
      mean[j] = sum / group;
    }
  }

  /**
   * Scores blocks {@code from} to {@code to} - 1 of one KV head.
   *
   * @param mean {@code [d]}
   * @param scores {@code [block]} from {@code offset} for block 0, written
   */
  static void score(
      RowOps ops,
      LayerCache cache,
      BlockTable table,
      int kvHead,
      int from,
      int to,
      float[] mean,
      float[] scores,
      int offset) {
    int block = from;
    while (block < to) {
      int next = cache.contiguousBlocks(table, block, to);
      ops.bound(
          cache.blockMin,
          cache.blockMax,
          cache.blockOffset(table, kvHead, block),
          next - block,
          cache.width,
          mean,
          0,
          scores,
          offset + block);
      block = next;
    }
  }
}
