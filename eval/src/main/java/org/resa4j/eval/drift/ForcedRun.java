package org.resa4j.eval.drift;

import java.util.Arrays;
import java.util.List;
import org.resa4j.attention.ResaConfig;
import org.resa4j.model.ModelConfig;

/**
 * One teacher-forced run over a batch of texts: from a position on, the cache is built by steps of
 * one setting, rectified if that says so. Each scored token is predicted from that cache by the
 * run's own step, and again by steps of other settings, the probes.
 *
 * <p>A query's own K and V come from the step that asks; K and V of all tokens before it, scored or
 * not, are those of the run. So two predictions of a token from one cache differ in one step's
 * attention alone, and two by the same setting in what was cached alone. For that, probes are made
 * once the run has passed: the tokens behind the query are forgotten, and what a probe wrote is
 * overwritten by the run's own K and V before the next. Where the run rectifies, this is done
 * before each rectification, for the tokens since the last one.
 *
 * <p>Not thread-safe.
 */
final class ForcedRun {
  /** The run's own step, as {@link Listener}'s {@code by}. */
  static final int OWN = -1;

  /** Hears of each prediction. */
  interface Listener {
    /**
     * @param text its number in the batch
     * @param scored which of the text's scored tokens is predicted
     * @param by the probe's number, or {@link #OWN}
     * @param logits overwritten by the next
     */
    void predicted(int text, int scored, int by, float[] logits);
  }

  private final TeacherForcing forcing;
  private final ModelConfig model;
  private final ResaConfig own;
  private final List<ResaConfig> probes;
  private final Listener listener;
  private final float[] logits;
  private final int[] starts;
  private final int[] positions;

  /** Each text's next scored token: of the run's own steps, and of the segment's probes. */
  private final int[] next;

  private final boolean[] drifted;

  /**
   * @param own what the cache is built with
   * @param probes settings that also predict from that cache
   */
  ForcedRun(
      TeacherForcing forcing,
      ModelConfig model,
      ResaConfig own,
      List<ResaConfig> probes,
      Listener listener) {
    this.forcing = forcing;
    this.model = model;
    this.own = own;
    this.probes = List.copyOf(probes);
    this.listener = listener;
    logits = new float[model.vocabulary()];
    int texts = forcing.texts().size();
    starts = new int[texts];
    positions = new int[texts];
    next = new int[texts];
    drifted = new boolean[texts];
  }

  /**
   * Runs.
   *
   * @param from each text's first position that the setting steps, those before being encoded
   *     densely; {@link TeacherForcing#NONE} leaves a text out
   */
  void run(int[] from) {
    System.arraycopy(from, 0, starts, 0, starts.length);
    Arrays.fill(next, 0);
    Arrays.fill(drifted, false);
    int longest = 0;
    for (int text = 0; text < starts.length; text++) {
      if (starts[text] != TeacherForcing.NONE) {
        forcing.prefill(text, starts[text]);
        longest = Math.max(longest, text(text).end() - starts[text]);
      }
    }
    int segment = own.rectifyEvery() > 0 ? own.rectifyEvery() : longest;
    for (int offset = 0; offset < longest; offset += segment) {
      int[] first = next.clone();
      for (int i = offset; i < Math.min(offset + segment, longest); i++) {
        stepOwn(i);
      }
      if (!probes.isEmpty()) {
        probe(first, offset + segment);
      }
      if (own.rectifyEvery() > 0) {
        rectify(offset, offset + segment);
      }
    }
  }

  private ForcedText text(int text) {
    return forcing.texts().get(text);
  }

  private void stepOwn(int offset) {
    for (int text = 0; text < starts.length; text++) {
      int position = starts[text] + offset;
      boolean steps = starts[text] != TeacherForcing.NONE && position < text(text).end();
      positions[text] = steps ? position : TeacherForcing.NONE;
      drifted[text] |= steps && own.keepBlocks(position + 1) < own.blocks(position + 1);
    }
    forcing.step(
        positions,
        own,
        (text, row) -> {
          if (text(text).scored()[next[text]] - 1 == positions[text]) {
            predicted(text, next[text]++, OWN, row);
          }
        });
  }

  private void predicted(int text, int scored, int by, int row) {
    forcing.engine().logits(row, logits);
    listener.predicted(text, scored, by, logits);
  }

  /**
   * Predicts the segment's scored tokens by every probe, and leaves the cache as it was.
   *
   * @param first of each text, the first scored token that the segment predicted
   * @param offset the segment's end, counted from the starts
   */
  private void probe(int[] first, int offset) {
    CacheRows[] rows = new CacheRows[starts.length];
    for (int text = 0; text < rows.length; text++) {
      if (first[text] < next[text]) {
        int end = Math.min(starts[text] + offset, text(text).end());
        // The token before the first query too, to rebuild its block's descriptor.
        int from = text(text).scored()[first[text]] - 2;
        rows[text] = CacheRows.copy(forcing.engine(), model, forcing.table(text), from, end);
      }
    }
    for (int probe = 0; probe < probes.size(); probe++) {
      int[] restored = new int[rows.length];
      for (int text = 0; text < rows.length; text++) {
        restored[text] = rows[text] == null ? 0 : rows[text].from();
      }
      int i = 0;
      while (step(probe, i, first, rows, restored)) {
        i++;
      }
      for (int text = 0; text < rows.length; text++) {
        if (rows[text] != null) {
          rows[text].restore(
              forcing.engine(), forcing.table(text), restored[text], rows[text].to());
        }
      }
    }
  }

  /** The probes of each text's {@code i}-th scored token of the segment; false if there is none. */
  private boolean step(int probe, int i, int[] first, CacheRows[] rows, int[] restored) {
    for (int text = 0; text < rows.length; text++) {
      positions[text] = TeacherForcing.NONE;
      if (first[text] + i < next[text]) {
        int query = text(text).scored()[first[text] + i] - 1;
        rows[text].restore(forcing.engine(), forcing.table(text), restored[text], query);
        restored[text] = query;
        positions[text] = query;
      }
    }
    return forcing.step(
        positions, probes.get(probe), (text, row) -> predicted(text, first[text] + i, probe, row));
  }

  /** Encodes again what a whole segment appended, where more follows and a block was left out. */
  private void rectify(int from, int to) {
    for (int text = 0; text < starts.length; text++) {
      if (drifted[text] && starts[text] + to < text(text).end()) {
        forcing.rectify(text, starts[text] + from, starts[text] + to, own);
        drifted[text] = false;
      }
    }
  }
}
