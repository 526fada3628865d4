package org.resa4j.reference;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;

/**
 * The stages of rectified sparse attention in plain double precision, for one KV head of one
 * sequence: the specification in code, which engines are held against. Rectification is {@link
 * #attend} over all tokens up to each query's own, or over those of {@link #windowBlocks}.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, group block sparse attention</a>
 */
public final class ReferenceAttention {
  private ReferenceAttention() {}

  /**
   * q̄, the mean of the query heads that share the KV head.
   *
   * @param group {@code [G][d]}
   */
  public static double[] meanQuery(double[][] group) {
    double[] mean = new double[group[0].length];
    for (double[] query : group) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += query[j] / group.length;
      }
    }
    return mean;
  }

  /** kmin, the element-wise minimum of each block's keys. */
  public static Vectors blockMin(Vectors keys, int tokens, int blockSize) {
    return (block, j) ->
        inBlock(block, blockSize, tokens).mapToDouble(t -> keys.at(t, j)).min().orElseThrow();
  }

  /** kmax, the element-wise maximum of each block's keys. */
  public static Vectors blockMax(Vectors keys, int tokens, int blockSize) {
    return (block, j) ->
        inBlock(block, blockSize, tokens).mapToDouble(t -> keys.at(t, j)).max().orElseThrow();
  }

  /**
   * Scores of blocks, {@code sum_j max(q̄_j kmax_ij, q̄_j kmin_ij)}.
   *
   * @param meanQuery q̄, {@code [d]}
   * @param blocks how many
   */
  public static double[] estimate(
      double[] meanQuery, Vectors blockMin, Vectors blockMax, int blocks) {
    double[] scores = new double[blocks];
    Arrays.parallelSetAll(
        scores,
        block -> {
          double score = 0;
          for (int j = 0; j < meanQuery.length; j++) {
            score +=
                Math.max(
                    meanQuery[j] * blockMax.at(block, j), meanQuery[j] * blockMin.at(block, j));
          }
          return score;
        });
    return scores;
  }

  /** The same from the keys themselves, of all blocks that hold {@code tokens} tokens. */
  public static double[] estimate(double[] meanQuery, Vectors keys, int tokens, int blockSize) {
    return estimate(
        meanQuery,
        blockMin(keys, tokens, blockSize),
        blockMax(keys, tokens, blockSize),
        Math.ceilDiv(tokens, blockSize));
  }

  /**
   * The blocks kept, ascending: the last {@code localBlocks}, then those with the highest scores;
   * of equals the lower block.
   *
   * @param scores of all blocks that hold {@code tokens} tokens
   */
  public static int[] select(double[] scores, ResaConfig config, int tokens) {
    int firstLocal = scores.length - config.localBlocks();
    return highest(
        IntStream.range(0, scores.length)
            .mapToDouble(block -> block < firstLocal ? scores[block] : Double.POSITIVE_INFINITY)
            .toArray(),
        config.keepBlocks(tokens));
  }

  /**
   * The blocks that a window is encoded over where not over all, ascending: those that its tokens
   * select, each as a step would among what it sees, and its own. Blocks are scored by all keys
   * that are there.
   *
   * @param meanQueries q̄ of each of its tokens, {@code [token][d]}
   * @param keys of all tokens up to the window's last
   * @param position of its first token
   */
  public static int[] windowBlocks(
      double[][] meanQueries, Vectors keys, int position, ResaConfig selection) {
    int end = position + meanQueries.length;
    BitSet blocks = new BitSet();
    blocks.set(position / selection.blockSize(), selection.blocks(end));
    for (int i = 0; i < meanQueries.length; i++) {
      int visible = position + i + 1;
      double[] scores = estimate(meanQueries[i], keys, end, selection.blockSize());
      double[] seen = Arrays.copyOf(scores, selection.blocks(visible));
      Arrays.stream(select(seen, selection, visible)).forEach(blocks::set);
    }
    return blocks.stream().toArray();
  }

  /** The indices of the {@code count} highest values, ascending; of equals the lower index. */
  public static int[] highest(double[] values, int count) {
    // The sort is stable: equals stay in the order of their indices.
    return IntStream.range(0, values.length)
        .boxed()
        .sorted((a, b) -> Double.compare(values[b], values[a]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /**
   * softmax(q k / sqrt(d)).
   *
   * @param query {@code [d]}
   * @param tokens those attended to
   * @return a weight for each of them; 1 in all
   */
  public static double[] weights(double[] query, Vectors keys, int[] tokens) {
    double[] weights = new double[tokens.length];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < query.length; j++) {
        weights[i] += query[j] * keys.at(tokens[i], j) / Math.sqrt(query.length);
      }
    }
    double max = Arrays.stream(weights).max().orElseThrow();
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp(weights[i] - max);
    }
    double sum = Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /**
   * softmax(q k / sqrt(d)) v.
   *
   * @param query {@code [d]}
   * @param tokens those attended to
   * @return {@code [d]}
   */
  public static double[] attend(double[] query, Vectors keys, Vectors values, int[] tokens) {
    double[] weights = weights(query, keys, tokens);
    double[] output = new double[query.length];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < output.length; j++) {
        output[j] += weights[i] * values.at(tokens[i], j);
      }
    }
    return output;
  }

  /** The tokens of blocks, of a sequence of {@code tokens} tokens. */
  public static int[] tokens(int[] blocks, int tokens, int blockSize) {
    return Arrays.stream(blocks).flatMap(block -> inBlock(block, blockSize, tokens)).toArray();
  }

  /** All tokens of a sequence. */
  public static int[] allTokens(int tokens) {
    return IntStream.range(0, tokens).toArray();
  }

  private static IntStream inBlock(int block, int blockSize, int tokens) {
    return IntStream.range(block * blockSize, Math.min(tokens, (block + 1) * blockSize));
  }
}
