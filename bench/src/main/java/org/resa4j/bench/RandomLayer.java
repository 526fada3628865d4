package org.resa4j.bench;

import java.util.Arrays;
import java.util.Random;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StepBatch;

/**
 * An attention layer full of random keys and values, and the same in memory to check its results
 * against.
 *
 * <p>All sequences hold the same tokens, so that one reference serves: device memory is filled,
 * host memory is not.
 */
final class RandomLayer implements AutoCloseable {
  private static final long SEED = 20260704;

  private final AttentionLayer layer;
  private final AttentionShape shape;
  private final int sequences;
  private final int tokens;
  private final float[] key;
  private final float[] value;
  private final float[] query;
  private final float[] newKey;
  private final float[] newValue;
  private final float[] output;
  private final StepBatch batch;

  /** Fills all but the last token of every sequence; steps write that one. */
  RandomLayer(AttentionLayer layer) {
    this.layer = layer;
    shape = layer.shape();
    EngineInfo info = layer.info();
    sequences = info.options().sequences();
    tokens = info.options().contextLength();
    int row = shape.kvHeads() * shape.headDim();
    Random random = new Random(SEED);
    key = uniform(random, Math.multiplyExact(tokens, row));
    value = uniform(random, key.length);
    int rows = Math.max(sequences, info.options().encodeTokens());
    query = uniform(random, rows * shape.heads() * shape.headDim());
    output = new float[query.length];
    newKey = new float[rows * row];
    newValue = new float[newKey.length];
    batch = new StepBatch(sequences);
    fill(info.options().encodeTokens(), row);
  }

  private void fill(int chunk, int row) {
    for (int from = 0; from < tokens - 1; from += chunk) {
      int count = Math.min(chunk, tokens - 1 - from);
      float[] k = Arrays.copyOfRange(key, from * row, (from + count) * row);
      float[] v = Arrays.copyOfRange(value, from * row, (from + count) * row);
      for (int sequence = 0; sequence < sequences; sequence++) {
        layer.load(sequence, from, count, k, v);
      }
    }
  }

  /** Uniform, not normal, of the same variance: filling gigabytes should not take minutes. */
  private static float[] uniform(Random random, int size) {
    float[] x = new float[size];
    float width = (float) Math.sqrt(12);
    for (int i = 0; i < size; i++) {
      x[i] = (random.nextFloat() - 0.5f) * width;
    }
    return x;
  }

  AttentionLayer layer() {
    return layer;
  }

  /** One step at the end of every sequence. */
  void step(ResaConfig config) {
    int row = shape.kvHeads() * shape.headDim();
    batch.clear();
    for (int sequence = 0; sequence < sequences; sequence++) {
      batch.add(sequence, 0, tokens - 1, config);
      System.arraycopy(key, (tokens - 1) * row, newKey, sequence * row, row);
      System.arraycopy(value, (tokens - 1) * row, newValue, sequence * row, row);
    }
    layer.step(batch, query, newKey, newValue, output);
  }

  /** Encodes the last {@code count} tokens of one sequence again. */
  void rectify(int sequence, int count) {
    int row = shape.kvHeads() * shape.headDim();
    System.arraycopy(key, (tokens - count) * row, newKey, 0, count * row);
    System.arraycopy(value, (tokens - count) * row, newValue, 0, count * row);
    layer.encode(sequence, tokens - count, count, query, newKey, newValue, output);
  }

  /** Relative error of a sampled row and head of the last step, against double precision. */
  double stepError(int row, int head) {
    int[] blocks = layer.selected(row, head / shape.group());
    return error(row, head, tokens, blocks);
  }

  /** The same for token {@code i} of the last rectification of {@code count}. */
  double rectifyError(int i, int count, int head) {
    int visible = tokens - count + i + 1;
    int size = layer.info().options().blockSize();
    int[] blocks = new int[Math.ceilDiv(visible, size)];
    Arrays.setAll(blocks, block -> block);
    return error(i, head, visible, blocks);
  }

  /** Blocks that a plain search in double precision would have selected, but the layer did not. */
  int missedBlocks(int row, int kvHead, ResaConfig config) {
    int[] selected = layer.selected(row, kvHead);
    double[] scores = new double[config.blocks(tokens)];
    for (int block = 0; block < scores.length; block++) {
      scores[block] = score(row, kvHead, block, config.blockSize());
    }
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(scores[b], scores[a]));
    int missed = 0;
    for (int i = 0; i < selected.length - config.localBlocks(); i++) {
      if (Arrays.binarySearch(selected, order[i]) < 0) {
        missed++;
      }
    }
    return missed;
  }

  private double score(int row, int kvHead, int block, int size) {
    int width = shape.headDim();
    double score = 0;
    for (int j = 0; j < width; j++) {
      double mean = 0;
      for (int g = 0; g < shape.group(); g++) {
        mean += query[((row * shape.heads()) + kvHead * shape.group() + g) * width + j];
      }
      mean /= shape.group();
      double bound = Double.NEGATIVE_INFINITY;
      for (int t = block * size; t < Math.min(tokens, (block + 1) * size); t++) {
        bound = Math.max(bound, mean * key[(t * shape.kvHeads() + kvHead) * width + j]);
      }
      score += bound;
    }
    return score;
  }

  private double error(int row, int head, int visible, int[] blocks) {
    int width = shape.headDim();
    int kvHead = head / shape.group();
    int size = layer.info().options().blockSize();
    int q = (row * shape.heads() + head) * width;
    double[] expected = new double[width];
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int block : blocks) {
      for (int t = block * size; t < Math.min(visible, (block + 1) * size); t++) {
        int at = (t * shape.kvHeads() + kvHead) * width;
        double logit = 0;
        for (int j = 0; j < width; j++) {
          logit += (double) query[q + j] * key[at + j];
        }
        logit /= Math.sqrt(width);
        if (logit > max) {
          double rescale = Math.exp(max - logit);
          sum *= rescale;
          for (int j = 0; j < width; j++) {
            expected[j] *= rescale;
          }
          max = logit;
        }
        double weight = Math.exp(logit - max);
        sum += weight;
        for (int j = 0; j < width; j++) {
          expected[j] += weight * value[at + j];
        }
      }
    }
    double difference = 0;
    double norm = 0;
    for (int j = 0; j < width; j++) {
      double d = output[q + j] - expected[j] / sum;
      difference += d * d;
      norm += expected[j] / sum * (expected[j] / sum);
    }
    return Math.sqrt(difference / norm);
  }

  @Override
  public void close() {
    layer.close();
  }
}
