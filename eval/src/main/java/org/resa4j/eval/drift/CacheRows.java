package org.resa4j.eval.drift;

import java.util.Arrays;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Engine;
import org.resa4j.model.ModelConfig;

/**
 * A copy of K and V of some consecutive tokens of one sequence, in every cache of the model.
 *
 * @param from position of the first token
 * @param to position behind the last
 * @param keys {@code [cache][token][Hkv][d]}, the token and what follows in one array
 * @param values as the keys
 */
record CacheRows(int from, int to, float[][] keys, float[][] values) {

  static CacheRows copy(Engine engine, ModelConfig config, BlockTable table, int from, int to) {
    float[][] keys = new float[config.caches()][];
    float[][] values = new float[config.caches()][];
    for (int cache = 0; cache < keys.length; cache++) {
      CacheSnapshot snapshot = engine.snapshot(cache, table, to);
      keys[cache] = byToken(snapshot.key(), config.attention(), from, to);
      values[cache] = byToken(snapshot.value(), config.attention(), from, to);
    }
    return new CacheRows(from, to, keys, values);
  }

  /** {@code [kvHead][token][d]} of tokens from 0 to {@code [token][kvHead][d]} of some of them. */
  private static float[] byToken(float[] byHead, AttentionShape shape, int from, int to) {
    int width = shape.headDim();
    float[] rows = new float[(to - from) * shape.kvHeads() * width];
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int token = from; token < to; token++) {
        System.arraycopy(
            byHead,
            (head * to + token) * width,
            rows,
            ((token - from) * shape.kvHeads() + head) * width,
            width);
      }
    }
    return rows;
  }

  /** Elements of one token's K, or V: Hkv·d. */
  int width() {
    return keys[0].length / (to - from);
  }

  /**
   * Writes tokens {@code first} to {@code end} - 1 back; the descriptors of the blocks they touch
   * then hold no token from {@code end} on.
   */
  void restore(Engine engine, BlockTable table, int first, int end) {
    int chunk = engine.info().options().encodeTokens();
    for (int at = first; at < end; at += chunk) {
      int count = Math.min(chunk, end - at);
      int low = (at - from) * width();
      int high = low + count * width();
      for (int cache = 0; cache < keys.length; cache++) {
        engine.load(
            cache,
            table,
            at,
            count,
            Arrays.copyOfRange(keys[cache], low, high),
            Arrays.copyOfRange(values[cache], low, high));
      }
    }
  }
}
