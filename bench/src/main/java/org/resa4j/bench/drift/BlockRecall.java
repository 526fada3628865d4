package org.resa4j.bench.drift;

import java.util.Arrays;

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
   * @param query all heads, {@code [Hq·d]}
   * @param group query heads that share the KV head
   * @param width d
   * @param keys {@code [token][Hkv·d]}
   * @param tokens how many of them are cached
   * @param blockSize tokens in a block
   * @param selected whether each block was
   */
  static BlockRecall of(
      double[] query,
      int kvHead,
      int group,
      int width,
      double[][] keys,
      int tokens,
      int blockSize,
      boolean[] selected) {
    double[] mass = new double[selected.length];
    for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
      double[] softmax = softmax(query, head * width, keys, kvHead * width, width, tokens);
      for (int token = 0; token < tokens; token++) {
        mass[token / blockSize] += softmax[token] / group;
      }
    }
    boolean[] top = highest(mass, count(selected));
    int found = 0;
    double covered = 0;
    double best = 0;
    for (int block = 0; block < mass.length; block++) {
      found += selected[block] && top[block] ? 1 : 0;
      covered += selected[block] ? mass[block] : 0;
      best += top[block] ? mass[block] : 0;
    }
    return new BlockRecall((double) found / count(selected), covered, best);
  }

  private static double[] softmax(
      double[] query, int queryAt, double[][] keys, int keyAt, int width, int tokens) {
    double[] weights = new double[tokens];
    for (int token = 0; token < tokens; token++) {
      for (int j = 0; j < width; j++) {
        weights[token] += query[queryAt + j] * keys[token][keyAt + j] / Math.sqrt(width);
      }
    }
    double max = Arrays.stream(weights).max().orElseThrow();
    double sum = 0;
    for (int token = 0; token < tokens; token++) {
      weights[token] = Math.exp(weights[token] - max);
      sum += weights[token];
    }
    for (int token = 0; token < tokens; token++) {
      weights[token] /= sum;
    }
    return weights;
  }

  private static int count(boolean[] blocks) {
    int count = 0;
    for (boolean block : blocks) {
      count += block ? 1 : 0;
    }
    return count;
  }

  private static boolean[] highest(double[] mass, int count) {
    Integer[] order = new Integer[mass.length];
    Arrays.setAll(order, block -> block);
    // A stable sort leaves equals in the order of their index.
    Arrays.sort(order, (a, b) -> Double.compare(mass[b], mass[a]));
    boolean[] top = new boolean[mass.length];
    for (int i = 0; i < count; i++) {
      top[order[i]] = true;
    }
    return top;
  }
}
