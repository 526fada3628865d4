package org.resa4j.eval.drift;

import java.util.Arrays;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;

/**
 * How well a KV head's selection finds the blocks that its group attends to most.
 *
 * <p>A block's attention mass is the sum of the dense softmax over its tokens, averaged over the
 * group's heads: masses of all blocks sum to 1. The true top blocks are as many as were selected,
 * those with the highest mass, the lower index of equals.
 *
 * @param recall share of the true top blocks that were selected
 * @param covered attention mass of the selected blocks
 * @param best attention mass of the true top blocks
 */
record BlockRecall(double recall, double covered, double best) {

  /**
   * @param queries of the group's heads, {@code [G][d]}
   * @param keys the KV head's, of {@code tokens} tokens
   * @param blockSize tokens in a block
   * @param selected the blocks selected, ascending
   */
  static BlockRecall of(
      double[][] queries, Vectors keys, int tokens, int blockSize, int[] selected) {
    double[] mass = new double[Math.ceilDiv(tokens, blockSize)];
    int[] all = ReferenceAttention.allTokens(tokens);
    for (double[] query : queries) {
      double[] weights = ReferenceAttention.weights(query, keys, all);
      for (int token = 0; token < tokens; token++) {
        mass[token / blockSize] += weights[token] / queries.length;
      }
    }
    int[] top = ReferenceAttention.highest(mass, selected.length);
    long found =
        Arrays.stream(selected).filter(block -> Arrays.binarySearch(top, block) >= 0).count();
    return new BlockRecall((double) found / selected.length, sum(mass, selected), sum(mass, top));
  }

  private static double sum(double[] mass, int[] blocks) {
    return Arrays.stream(blocks).mapToDouble(block -> mass[block]).sum();
  }
}
