package org.resa4j.generate;

import java.util.Random;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Engine;
import org.resa4j.model.ModelConfig;

/**
 * Fills caches with random K and V, for whom only times matter, so that a deep context costs a copy
 * and not a quadratic prefill.
 *
 * <p>Normal numbers from a pool of a million, from which each chunk of tokens takes a stretch of
 * its own: blocks differ, and selection meets no more equal scores than in a text. What it selects
 * is scattered, where a text's blocks have neighbours: if anything, that is slower to attend to.
 */
public final class RandomCache {
  private static final int POOL = 1 << 20;

  private final float[] pool = new float[POOL];
  private final float[] key;
  private final float[] value;
  private final int caches;
  private final int row;
  private final int chunk;
  private int next;

  /**
   * @param chunk tokens loaded at once
   */
  public RandomCache(ModelConfig model, int chunk) {
    this(model.caches(), model.attention(), chunk);
  }

  /**
   * @param caches of the model
   * @param shape of its attention
   * @param chunk tokens loaded at once
   */
  RandomCache(int caches, AttentionShape shape, int chunk) {
    this.caches = caches;
    this.chunk = chunk;
    row = shape.kvHeads() * shape.headDim();
    key = new float[chunk * row];
    value = new float[chunk * row];
    Random random = new Random(5);
    for (int i = 0; i < POOL; i++) {
      pool[i] = (float) random.nextGaussian();
    }
  }

  /** Fills the tokens {@code from} to {@code to} - 1 of a sequence; those before are there. */
  public void fill(Engine engine, BlockTable table, int from, int to) {
    for (int cache = 0; cache < caches; cache++) {
      for (int at = from; at < to; at += chunk) {
        int count = Math.min(chunk, to - at);
        draw(key, count * row);
        draw(value, count * row);
        engine.load(cache, table, at, count, key, value);
      }
    }
  }

  private void draw(float[] to, int count) {
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, POOL - next);
      System.arraycopy(pool, next, to, done, part);
      done += part;
      next = (next + part) % POOL;
    }
    // Odd, so that the next pass through the pool is out of step with this one.
    next = (next + 4099) % POOL;
  }
}
