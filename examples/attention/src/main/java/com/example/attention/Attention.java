package com.example.attention;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;
import org.resa4j.engine.StepBatch;

/**
 * Rectified sparse attention in model code of one's own: 8 query heads in 2 groups of d = 64, 4,096
 * tokens of random keys and values, and one token among them that the query looks for. A sparse
 * step reads a tenth of the cache and gives what a dense one gives. Takes a device's id, by default
 * the fastest.
 */
public final class Attention {
  private static final AttentionShape SHAPE = new AttentionShape(8, 2, 64);
  private static final int TOKENS = 4096;
  private static final int SOUGHT = 1234;

  private Attention() {}

  public static void main(String[] args) {
    Engines.Choice on = Engines.choose(Optional.empty(), Arrays.stream(args).findFirst());
    EngineOptions options = EngineOptions.of(TOKENS).withDevice(on.device().id());
    try (AttentionLayer layer = on.provider().openAttention(SHAPE, options)) {
      // Where the one sequence's pages lie; with several, each has a table.
      BlockTable pages = BlockTable.slots(layer.info()).getFirst();
      float[] query = new float[SHAPE.heads() * SHAPE.headDim()];
      Arrays.fill(query, 1);
      fill(layer, pages, options.encodeTokens());
      float[] dense = step(layer, pages, query, ResaConfig.dense(options.blockSize()));
      float[] sparse = step(layer, pages, query, ResaConfig.DEFAULT);
      double error = 0;
      for (int i = 0; i < dense.length; i++) {
        error = Math.max(error, Math.abs(dense[i] - sparse[i]));
      }
      int[] blocks = layer.selected(0, 0);
      boolean found = Arrays.stream(blocks).anyMatch(b -> b == SOUGHT / options.blockSize());
      System.out.printf(
          "%s read %d of %d blocks, %s the one sought; largest difference to dense %.1e%n",
          on.device().id(),
          blocks.length,
          TOKENS / options.blockSize(),
          found ? "among them" : "without",
          error);
      // The last 32 tokens again, densely, as rectification does every 32 tokens.
      encode(layer, pages, TOKENS - 32, 32);
      if (!found || error > 1e-3) {
        System.exit(1);
      }
    }
  }

  private static void fill(AttentionLayer layer, BlockTable pages, int chunk) {
    for (int from = 0; from < TOKENS; from += chunk) {
      encode(layer, pages, from, Math.min(chunk, TOKENS - from));
    }
  }

  /** Writes K and V of some tokens, and attends densely for each of them. */
  private static void encode(AttentionLayer layer, BlockTable pages, int from, int count) {
    float[] query = new float[count * SHAPE.heads() * SHAPE.headDim()];
    layer.encode(pages, from, count, query, keys(from, count), values(from, count), query.clone());
  }

  /** One more token at the end; here the one that is there already. */
  private static float[] step(
      AttentionLayer layer, BlockTable pages, float[] query, ResaConfig config) {
    StepBatch batch = new StepBatch(1);
    batch.add(pages, 0, TOKENS - 1, config);
    float[] output = new float[query.length];
    layer.step(batch, query, keys(TOKENS - 1, 1), values(TOKENS - 1, 1), output);
    return output;
  }

  /** Small numbers, but for the token sought, whose key is the query's direction. */
  private static float[] keys(int from, int count) {
    float[] keys = numbers(from, count, 0.1f);
    int row = SHAPE.kvHeads() * SHAPE.headDim();
    if (from <= SOUGHT && SOUGHT < from + count) {
      Arrays.fill(keys, (SOUGHT - from) * row, (SOUGHT - from + 1) * row, 3);
    }
    return keys;
  }

  private static float[] values(int from, int count) {
    return numbers(-1 - from, count, 1);
  }

  private static float[] numbers(int seed, int count, float most) {
    int row = SHAPE.kvHeads() * SHAPE.headDim();
    float[] numbers = new float[count * row];
    for (int token = 0; token < count; token++) {
      Random random = new Random(seed < 0 ? seed - token : seed + token);
      for (int j = 0; j < row; j++) {
        numbers[token * row + j] = most * (2 * random.nextFloat() - 1);
      }
    }
    return numbers;
  }
}
