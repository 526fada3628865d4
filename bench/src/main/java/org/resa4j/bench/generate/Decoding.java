package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.List;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;

/**
 * Decodes after a context that is in the cache already, as {@code Scheduler} does: greedily, and
 * with ReSA encoding the last f tokens of the sequences again once they are f, as many sequences in
 * a pass as one call takes.
 */
final class Decoding {
  private final Engine engine;
  private final EngineOptions options;
  private final List<BlockTable> tables;
  private final StepBatch batch;
  private final EncodeBatch encodes;
  private final int[][] tokens;

  /** Tokens of each sequence that are cached after the context, of exact mode. */
  private final int[] cached;

  /**
   * @param tables the sequences' pages
   * @param count the most tokens decoded in a run
   */
  Decoding(Engine engine, List<BlockTable> tables, int count) {
    this.engine = engine;
    this.tables = tables;
    options = engine.info().options();
    batch = new StepBatch(tables.size());
    encodes = new EncodeBatch(tables.size(), options.encodeTokens());
    tokens = new int[tables.size()][count + 1];
    cached = new int[tables.size()];
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
      for (int sequence = 0; sequence < tables.size(); sequence++) {
        batch.add(tables.get(sequence), tokens[sequence][i], depth + i, config);
      }
      engine.step(batch);
      for (int sequence = 0; sequence < tables.size(); sequence++) {
        tokens[sequence][i + 1] = engine.argmax(sequence);
      }
      int every = config.rectifyEvery();
      if (every > 0 && (i + 1) % every == 0 && !batch.isDense()) {
        rectify(depth, i + 1 - every, every, config);
      }
    }
    return System.nanoTime() - start;
  }

  private void rectify(int depth, int from, int count, ResaConfig config) {
    encodes.clear();
    for (int sequence = 0; sequence < tables.size(); sequence++) {
      if (count > options.encodeTokens()) {
        encode(sequence, depth, from, count, Logits.NONE);
        continue;
      }
      if (!encodes.hasRoom(count)) {
        engine.encode(encodes);
        encodes.clear();
      }
      encodes.add(tables.get(sequence), depth + from, tokens[sequence], from, count, Logits.NONE);
      config.rectifySelection().ifPresent(encodes::select);
    }
    if (encodes.size() > 0) {
      engine.encode(encodes);
    }
  }

  /**
   * Decodes in exact mode from position {@code depth} on: for each window f - 1 sparse steps, then
   * a dense pass over f tokens of every sequence, as many sequences in one as a call takes. How
   * much of a window counts is given.
   *
   * @param yields tokens that each window yields, {@code [window][sequence]}
   * @return wall time in nanoseconds
   */
  long exact(int depth, int[][] yields, ResaConfig config) {
    int window = config.exact().orElseThrow().tokens();
    Arrays.fill(cached, 0);
    long start = System.nanoTime();
    for (int[] counts : yields) {
      for (int i = 0; i < window - 1; i++) {
        draft(depth, i, config);
      }
      int first = 0;
      while (first < tables.size()) {
        first = verify(depth, first, window, counts);
      }
      for (int sequence = 0; sequence < tables.size(); sequence++) {
        cached[sequence] += counts[sequence];
      }
    }
    return System.nanoTime() - start;
  }

  /** Step {@code i} of a window. */
  private void draft(int depth, int i, ResaConfig config) {
    batch.clear();
    for (int sequence = 0; sequence < tables.size(); sequence++) {
      int at = cached[sequence] + i;
      batch.add(tables.get(sequence), tokens[sequence][at], depth + at, config);
    }
    engine.step(batch);
    for (int sequence = 0; sequence < tables.size(); sequence++) {
      tokens[sequence][cached[sequence] + i + 1] = engine.argmax(sequence);
    }
  }

  /**
   * One pass, from a sequence on; of what is chosen after the tokens that count, the last is taken.
   *
   * @return the sequence after the last that it took
   */
  private int verify(int depth, int first, int window, int[] counts) {
    encodes.clear();
    int next = first;
    while (next < tables.size()
        && encodes.hasRoom(window)
        && (next + 1 - first) * window <= options.logitRows()) {
      encodes.add(
          tables.get(next), depth + cached[next], tokens[next], cached[next], window, Logits.ALL);
      next++;
    }
    engine.encode(encodes);
    for (int i = 0; i < encodes.size(); i++) {
      int count = counts[first + i];
      for (int row = 0; row < count; row++) {
        tokens[first + i][cached[first + i] + count] =
            engine.argmax(encodes.firstLogitRow(i) + row);
      }
    }
    return next;
  }

  /**
   * Encodes {@code count} tokens of every sequence from position {@code depth} on.
   *
   * @return wall time in nanoseconds
   */
  long prefill(int depth, int count) {
    long start = System.nanoTime();
    for (int sequence = 0; sequence < tables.size(); sequence++) {
      encode(sequence, depth, 0, count, Logits.LAST);
      tokens[sequence][0] = engine.argmax(0);
    }
    return System.nanoTime() - start;
  }

  /** In chunks; the last leaves logits. */
  private void encode(int sequence, int depth, int from, int count, Logits logits) {
    for (int at = from; at < from + count; at += options.encodeTokens()) {
      int chunk = Math.min(options.encodeTokens(), from + count - at);
      boolean last = at + chunk == from + count;
      encodes.clear();
      encodes.add(
          tables.get(sequence),
          depth + at,
          tokens[sequence],
          at,
          chunk,
          last ? logits : Logits.NONE);
      engine.encode(encodes);
    }
    encodes.clear();
  }
}
