package org.resa4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;

/** The stages of the algorithm in plain double precision, for one sequence and KV head. */
public final class ReferenceAttention {
  private ReferenceAttention() {}

  /**
   * Scores blocks: {@code sum_j max(q̄_j kmax_ij, q̄_j kmin_ij)}.
   *
   * @param queries the group's heads, {@code [G][d]}
   * @param keys {@code [token][d]}
   */
  public static double[] estimate(double[][] queries, double[][] keys, int blockSize) {
    int width = queries[0].length;
    double[] mean = new double[width];
    for (double[] query : queries) {
      for (int j = 0; j < width; j++) {
        mean[j] += query[j] / queries.length;
      }
    }
    double[] scores = new double[Math.ceilDiv(keys.length, blockSize)];
    for (int block = 0; block < scores.length; block++) {
      for (int j = 0; j < width; j++) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int t = block * blockSize; t < Math.min(keys.length, (block + 1) * blockSize); t++) {
          min = Math.min(min, keys[t][j]);
          max = Math.max(max, keys[t][j]);
        }
        scores[block] += Math.max(mean[j] * max, mean[j] * min);
      }
    }
    return scores;
  }

  /** Selects by sorting: highest first, the lower block of equals; returns them ascending. */
  public static int[] select(double[] scores, ResaConfig config, int tokens) {
    int blocks = scores.length;
    List<Integer> order = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
    order.sort(
        (a, b) -> {
          int byScore = Double.compare(score(scores, config, b), score(scores, config, a));
          return byScore != 0 ? byScore : Integer.compare(a, b);
        });
    return order.subList(0, config.keepBlocks(tokens)).stream()
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  private static double score(double[] scores, ResaConfig config, int block) {
    return block >= scores.length - config.localBlocks() ? Double.POSITIVE_INFINITY : scores[block];
  }

  /** softmax(q k / sqrt(d)) v over the tokens of the blocks. */
  public static double[] attend(
      double[] query, double[][] keys, double[][] values, int[] blocks, int blockSize) {
    List<Integer> tokens = new ArrayList<>();
    for (int block : blocks) {
      for (int t = block * blockSize; t < Math.min(keys.length, (block + 1) * blockSize); t++) {
        tokens.add(t);
      }
    }
    double[] logits = new double[tokens.size()];
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logits.length; i++) {
      double[] key = keys[tokens.get(i)];
      for (int j = 0; j < query.length; j++) {
        logits[i] += query[j] * key[j] / Math.sqrt(query.length);
      }
      max = Math.max(max, logits[i]);
    }
    double sum = 0;
    double[] output = new double[query.length];
    for (int i = 0; i < logits.length; i++) {
      double weight = Math.exp(logits[i] - max);
      sum += weight;
      for (int j = 0; j < output.length; j++) {
        output[j] += weight * values[tokens.get(i)][j];
      }
    }
    for (int j = 0; j < output.length; j++) {
      output[j] /= sum;
    }
    return output;
  }

  /** All blocks of a sequence. */
  public static int[] allBlocks(int tokens, int blockSize) {
    return IntStream.range(0, Math.ceilDiv(tokens, blockSize)).toArray();
  }
}
