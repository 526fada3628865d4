package org.resa4j.bench.attention;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StepBatch;
import org.resa4j.reference.ReferenceAttention;
import org.resa4j.reference.Vectors;

/**
 * An attention layer full of random keys and values, which checks its results against plain double
 * precision.
 *
 * <p>All sequences hold the same tokens: device memory is filled, host memory is not.
 */
public final class RandomLayer implements AutoCloseable {
  private static final long SEED = 20260704;

  private final AttentionLayer layer;
  private final AttentionShape shape;
  private final List<BlockTable> tables;
  private final int sequences;
  private final int tokens;
  private final RandomTokens random;
  private final float[] query;
  private final float[] output;

  /** The last token of every sequence. */
  private final float[] newKey;

  private final float[] newValue;

  /** Some chunk. */
  private final float[] key;

  private final float[] value;

  /** Tokens at the end that {@link #key} and {@link #value} hold, to be rectified. */
  private int held;

  private final StepBatch batch;

  /** Fills all but the last token of every sequence; steps write that one. */
  public RandomLayer(AttentionLayer layer) {
    this(layer, BlockTable.slots(layer.info()));
  }

  /**
   * The same in a part of a cache.
   *
   * @param tables the sequences' pages
   */
  RandomLayer(AttentionLayer layer, List<BlockTable> tables) {
    this.layer = layer;
    this.tables = tables;
    shape = layer.shape();
    EngineInfo info = layer.info();
    sequences = info.options().sequences();
    tokens = info.options().contextLength();
    random = new RandomTokens(shape, SEED);
    int rows = Math.max(sequences, info.options().encodeTokens());
    query = uniform(rows * shape.heads() * shape.headDim());
    output = new float[query.length];
    key = new float[rows * shape.kvHeads() * shape.headDim()];
    value = new float[key.length];
    newKey = new float[key.length];
    newValue = new float[key.length];
    batch = new StepBatch(sequences);
    fill(info.options().encodeTokens());
    int row = shape.kvHeads() * shape.headDim();
    random.write(tokens - 1, 1, newKey, newValue);
    for (int sequence = 1; sequence < sequences; sequence++) {
      System.arraycopy(newKey, 0, newKey, sequence * row, row);
      System.arraycopy(newValue, 0, newValue, sequence * row, row);
    }
  }

  private void fill(int chunk) {
    for (int from = 0; from < tokens - 1; from += chunk) {
      int count = Math.min(chunk, tokens - 1 - from);
      random.write(from, count, key, value);
      for (BlockTable table : tables) {
        layer.load(table, from, count, key, value);
      }
    }
  }

  private static float[] uniform(int size) {
    Random random = new Random(SEED);
    float[] x = new float[size];
    float width = (float) Math.sqrt(12);
    for (int i = 0; i < size; i++) {
      x[i] = (random.nextFloat() - 0.5f) * width;
    }
    return x;
  }

  public AttentionLayer layer() {
    return layer;
  }

  /** Where the sequences' pages lie. */
  List<BlockTable> tables() {
    return tables;
  }

  /** One step at the end of every sequence. */
  public void step(ResaConfig config) {
    batch.clear();
    for (BlockTable table : tables) {
      batch.add(table, 0, tokens - 1, config);
    }
    layer.step(batch, query, newKey, newValue, output);
  }

  /** Encodes the last {@code count} tokens of one sequence again. */
  public void rectify(int sequence, int count) {
    if (held != count) {
      random.write(tokens - count, count, key, value);
      held = count;
    }
    layer.encode(tables.get(sequence), tokens - count, count, query, key, value, output);
  }

  /** Relative error of a sampled row and head of the last step, against double precision. */
  public double stepError(int row, int head) {
    int[] blocks = layer.selected(row, head / shape.group());
    return error(row, head, tokens, blocks);
  }

  /** The same for token {@code i} of the last rectification of {@code count}. */
  public double rectifyError(int i, int count, int head) {
    int visible = tokens - count + i + 1;
    int[] blocks = new int[Math.ceilDiv(visible, layer.info().options().blockSize())];
    Arrays.setAll(blocks, block -> block);
    return error(i, head, visible, blocks);
  }

  /**
   * What the blocks that the last step selected lack: their scores in double precision against
   * those of the best blocks, as a share of what the best ones have above the average one. 0 is a
   * perfect selection, 1 is one at random; blocks that are not ascending, too few, or lack a local
   * one are infinitely wrong.
   */
  public double selectionError(int row, int kvHead, ResaConfig config) {
    int blocks = config.blocks(tokens);
    int keep = config.keepBlocks(tokens);
    int local = Math.min(config.localBlocks(), keep);
    int[] selected = layer.selected(row, kvHead);
    if (selected.length != keep) {
      return Double.POSITIVE_INFINITY;
    }
    double[] scores = scores(row, kvHead, blocks - local, config.blockSize());
    int chosen = keep - local;
    double sum = 0;
    int before = -1;
    for (int i = 0; i < chosen; i++) {
      if (selected[i] <= before || selected[i] >= scores.length) {
        return Double.POSITIVE_INFINITY;
      }
      before = selected[i];
      sum += scores[before];
    }
    for (int i = chosen; i < keep; i++) {
      if (selected[i] != blocks - keep + i) {
        return Double.POSITIVE_INFINITY;
      }
    }
    double average = Arrays.stream(scores).average().orElse(0);
    Arrays.sort(scores);
    double best = 0;
    for (int i = 0; i < chosen; i++) {
      best += scores[scores.length - 1 - i];
    }
    // Where all are chosen there is nothing to lose, and rounding must not be divided by rounding.
    return chosen == scores.length ? 0 : Math.max(0, best - sum) / (best - chosen * average);
  }

  /** Estimates of the first {@code count} blocks. */
  private double[] scores(int row, int kvHead, int count, int size) {
    double[][] group = new double[shape.group()][];
    Arrays.setAll(group, g -> query(row, kvHead * shape.group() + g));
    Vectors keys = keys(kvHead);
    return ReferenceAttention.estimate(
        ReferenceAttention.meanQuery(group),
        ReferenceAttention.blockMin(keys, tokens, size),
        ReferenceAttention.blockMax(keys, tokens, size),
        count);
  }

  private double error(int row, int head, int visible, int[] blocks) {
    int kvHead = head / shape.group();
    int size = layer.info().options().blockSize();
    double[] expected =
        ReferenceAttention.attend(
            query(row, head),
            keys(kvHead),
            (token, j) -> random.value(token, kvHead, j),
            ReferenceAttention.tokens(blocks, visible, size));
    int at = (row * shape.heads() + head) * shape.headDim();
    double difference = 0;
    double norm = 0;
    for (int j = 0; j < expected.length; j++) {
      double d = output[at + j] - expected[j];
      difference += d * d;
      norm += expected[j] * expected[j];
    }
    return Math.sqrt(difference / norm);
  }

  private double[] query(int row, int head) {
    double[] x = new double[shape.headDim()];
    Arrays.setAll(x, j -> query[(row * shape.heads() + head) * x.length + j]);
    return x;
  }

  private Vectors keys(int kvHead) {
    return (token, j) -> random.key(token, kvHead, j);
  }

  @Override
  public void close() {
    layer.close();
  }
}
