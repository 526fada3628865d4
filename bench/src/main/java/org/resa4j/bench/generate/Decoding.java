package org.resa4j.bench.generate;

import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;

/**
 * Decodes after a context that is in the cache already, as {@code DecodeLoop} does: greedily, and
 * with ReSA encoding the last f tokens of each sequence again once they are f.
 */
final class Decoding {
  private final Engine engine;
  private final EngineOptions options;
  private final StepBatch batch;
  private final int[][] tokens;

  /**
   * @param count the most tokens decoded in a run
   */
  Decoding(Engine engine, int count) {
    this.engine = engine;
    options = engine.info().options();
    batch = new StepBatch(options.sequences());
    tokens = new int[options.sequences()][count + 1];
  }

  /**
   * Decodes {@code count} tokens of every sequence from position {@code depth} on.
   *
   * @return wall time in nanoseconds
   */
  long run(int depth, int count, ResaConfig config) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      batch.clear();
      for (int sequence = 0; sequence < options.sequences(); sequence++) {
        batch.add(sequence, tokens[sequence][i], depth + i, config);
      }
      engine.step(batch);
      for (int sequence = 0; sequence < options.sequences(); sequence++) {
        tokens[sequence][i + 1] = engine.argmax(sequence);
      }
      int every = config.rectifyEvery();
      if (every > 0 && (i + 1) % every == 0 && !batch.isDense()) {
        for (int sequence = 0; sequence < options.sequences(); sequence++) {
          encode(sequence, depth, i + 1 - every, every, false);
        }
      }
    }
    return System.nanoTime() - start;
  }

  /**
   * Encodes {@code count} tokens of every sequence from position {@code depth} on.
   *
   * @return wall time in nanoseconds
   */
  long prefill(int depth, int count) {
    long start = System.nanoTime();
    for (int sequence = 0; sequence < options.sequences(); sequence++) {
      encode(sequence, depth, 0, count, true);
      tokens[sequence][0] = engine.argmax(0);
    }
    return System.nanoTime() - start;
  }

  private void encode(int sequence, int depth, int from, int count, boolean logits) {
    for (int at = from; at < from + count; at += options.encodeTokens()) {
      int chunk = Math.min(options.encodeTokens(), from + count - at);
      boolean last = at + chunk == from + count;
      engine.encode(sequence, depth + at, tokens[sequence], at, chunk, logits && last);
    }
  }
}
