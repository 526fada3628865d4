package org.resa4j.eval.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.eval.drift.DriftRow.State;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.model.ModelConfig;

/**
 * Measures how far K and V of generated tokens drift from those of dense encoding, while texts are
 * decoded teacher-forced: by sparse steps alone, and by ReSA, just before and just after
 * rectifications. All of an answer is decoded so; K and V of the prompt, which never drift, are not
 * counted.
 */
final class DriftBenchmark {
  private final Engine engine;
  private final ModelConfig model;
  private final ForcedPlan plan;
  private final int samples;
  private final Consumer<DriftRow> results;
  private final RecallProbe recall;

  /**
   * @param plan of which the keep ratios and intervals are measured
   * @param samples the most times that a text's cache is looked at, evenly spread over the answer
   * @param results gets a row for each text and state
   * @param recall looks into the selections from densely and from sparsely built caches
   */
  DriftBenchmark(
      Engine engine,
      ModelConfig model,
      ForcedPlan plan,
      int samples,
      Consumer<DriftRow> results,
      RecallProbe recall) {
    if (samples < 1) {
      throw new IllegalArgumentException("samples must be at least 1, was " + samples);
    }
    if (plan.rectifyEvery().isEmpty()) {
      throw new IllegalArgumentException("drift is looked at where ReSA rectifies: no interval");
    }
    this.engine = engine;
    this.model = model;
    this.plan = plan;
    this.samples = samples;
    this.results = results;
    this.recall = recall;
  }

  /**
   * Measures a batch.
   *
   * @param texts at most as many as the engine takes at once
   */
  void run(List<ForcedText> texts) {
    new Batch(texts).run();
  }

  /** Texts that are measured together. */
  private final class Batch {
    private final List<ForcedText> texts;
    private final TeacherForcing forcing;
    private final CacheRows[] dense;
    private final boolean[][] denseRight;

    Batch(List<ForcedText> texts) {
      this.texts = texts;
      forcing = new TeacherForcing(engine, texts);
      dense = new CacheRows[texts.size()];
      denseRight = new boolean[texts.size()][];
    }

    void run() {
      for (int text = 0; text < dense.length; text++) {
        forcing.prefill(text, texts.get(text).end());
        dense[text] = copy(text, 0, texts.get(text).end());
        if (recall.isOn()) {
          denseRight[text] = recall.dense(texts.get(text), dense[text], plan.base().blockSize());
        }
      }
      for (double keepRatio : plan.keepRatios()) {
        ResaConfig sparse = plan.setting(keepRatio, 0);
        recall(dense, Cache.DENSE, sparse);
        // Looked at where the first interval of ReSA would rectify.
        decode(sparse, plan.rectifyEvery().getFirst());
        if (recall.isOn()) {
          CacheRows[] built = new CacheRows[dense.length];
          Arrays.setAll(built, text -> copy(text, 0, texts.get(text).end()));
          recall(built, Cache.SPARSE, sparse);
        }
        for (int every : plan.rectifyEvery()) {
          decode(plan.setting(keepRatio, every), every);
        }
      }
    }

    private CacheRows copy(int text, int from, int to) {
      return CacheRows.copy(engine, model, forcing.table(text), from, to);
    }

    private void recall(CacheRows[] built, Cache cache, ResaConfig config) {
      if (recall.isOn()) {
        for (int text = 0; text < built.length; text++) {
          recall.sparse(texts.get(text), denseRight[text], built[text], cache, config);
        }
      }
    }

    /**
     * Decodes all answers.
     *
     * @param every tokens between the places where a cache may be looked at
     */
    private void decode(ResaConfig config, int every) {
      List<Looks> looks = new ArrayList<>();
      for (int text = 0; text < texts.size(); text++) {
        forcing.prefill(text, texts.get(text).promptLength());
        looks.add(new Looks(generated(text) / every));
      }
      int longest = IntStream.range(0, texts.size()).map(this::generated).max().orElseThrow();
      int[] positions = new int[texts.size()];
      for (int done = 1; done <= longest; done++) {
        for (int text = 0; text < positions.length; text++) {
          int position = texts.get(text).promptLength() + done - 1;
          positions[text] = done <= generated(text) ? position : TeacherForcing.NONE;
        }
        forcing.step(positions, config, (text, row) -> {});
        if (done % every == 0) {
          for (int text = 0; text < positions.length; text++) {
            if (positions[text] != TeacherForcing.NONE) {
              look(text, positions[text] + 1, config, looks.get(text), done / every);
            }
          }
        }
      }
      for (int text = 0; text < positions.length; text++) {
        report(texts.get(text), config, looks.get(text));
      }
    }

    private int generated(int text) {
      return texts.get(text).end() - texts.get(text).promptLength();
    }

    /** Looks at a cache of {@code end} tokens, and rectifies it if the setting says so. */
    private void look(int text, int end, ResaConfig config, Looks looks, int window) {
      boolean sampled = looks.isSampled(window);
      int from = texts.get(text).promptLength();
      if (sampled) {
        looks.count++;
        looks.before.add(copy(text, from, end), dense[text]);
      }
      if (config.rectifyEvery() > 0) {
        forcing.rectify(text, end - config.rectifyEvery(), end, config);
        if (sampled) {
          looks.after.add(copy(text, from, end), dense[text]);
        }
      }
    }

    private void report(ForcedText text, ResaConfig config, Looks looks) {
      if (looks.count == 0) {
        return;
      }
      if (config.rectifyEvery() == 0) {
        results.accept(row(text, State.SPARSE, config, looks.count, looks.before));
      } else {
        results.accept(row(text, State.BEFORE, config, looks.count, looks.before));
        results.accept(row(text, State.AFTER, config, looks.count, looks.after));
      }
    }

    private static DriftRow row(
        ForcedText text, State state, ResaConfig config, int count, DriftSums sums) {
      return new DriftRow(
          text.id(),
          state,
          config.keepRatio(),
          config.rectifyEvery(),
          config.rectifyKeep(),
          count,
          sums);
    }
  }

  /** What was seen of one text. */
  private final class Looks {
    final DriftSums before = DriftSums.zero(model.caches());
    final DriftSums after = DriftSums.zero(model.caches());
    private final int windows;
    int count;

    Looks(int windows) {
      this.windows = windows;
    }

    /** Whether the cache is looked at at the end of a window, counted from 1. */
    boolean isSampled(int window) {
      int most = Math.min(samples, windows);
      // True for `most` windows, the last one among them.
      return (long) window * most / windows > (window - 1L) * most / windows;
    }
  }
}
