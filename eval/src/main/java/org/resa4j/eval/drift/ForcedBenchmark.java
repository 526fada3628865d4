package org.resa4j.eval.drift;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.eval.drift.ForcedCell.Query;
import org.resa4j.model.ModelConfig;

/**
 * Predicts the scored tokens of texts from three caches (built densely, by sparse steps, by ReSA),
 * each asked by two queries (dense, sparse), so that what is lost to the selection and what is lost
 * to drift stand apart. {@link ForcedRun} says what exactly is cached.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">figures 1 and 4 of the paper</a>
 */
final class ForcedBenchmark {
  private final Engine engine;
  private final ModelConfig model;
  private final ForcedPlan plan;
  private final Consumer<ForcedRow> results;

  /**
   * @param results gets each row as it is measured
   */
  ForcedBenchmark(Engine engine, ModelConfig model, ForcedPlan plan, Consumer<ForcedRow> results) {
    this.engine = engine;
    this.model = model;
    this.plan = plan;
    this.results = results;
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

    /** Dense decoding's choices, by text and scored token. */
    private final int[][] denseTops;

    Batch(List<ForcedText> texts) {
      this.texts = texts;
      forcing = new TeacherForcing(engine, texts);
      denseTops = new int[texts.size()][];
    }

    void run() {
      dense();
      // Ascending, so that each start lies in what the runs before left cached densely.
      for (int before : plan.before()) {
        int[] starts = starts(before);
        if (Arrays.stream(starts).allMatch(start -> start == TeacherForcing.NONE)) {
          continue;
        }
        for (double keepRatio : plan.keepRatios()) {
          sparse(plan.setting(keepRatio, 0), starts, before);
          for (int every : plan.rectifyEvery()) {
            sparse(plan.setting(keepRatio, every), starts, before);
          }
        }
      }
    }

    /** Where texts start to be decoded as the cache says; a text too short for it has no start. */
    private int[] starts(int before) {
      return texts.stream()
          .mapToInt(
              text -> {
                if (before == ForcedCell.ALL) {
                  return text.promptLength();
                }
                int start = text.firstQuery() - before;
                return start >= text.promptLength() ? start : TeacherForcing.NONE;
              })
          .toArray();
    }

    private void dense() {
      List<ResaConfig> probes = plan.sparse();
      TokenScore[][][] scores = predict(plan.dense(), probes, starts(0));
      report(ForcedCell.onDense(plan.dense()), scores[0]);
      for (int probe = 0; probe < probes.size(); probe++) {
        report(ForcedCell.onDense(probes.get(probe)), scores[1 + probe]);
      }
    }

    private void sparse(ResaConfig config, int[] starts, int before) {
      List<ResaConfig> probes = plan.denseQueries() ? List.of(plan.dense()) : List.of();
      TokenScore[][][] scores = predict(config, probes, starts);
      report(ForcedCell.on(config, Query.SPARSE, before), scores[0]);
      if (plan.denseQueries()) {
        report(ForcedCell.on(config, Query.DENSE, before), scores[1]);
      }
    }

    /** Scores, {@code [own, then probes][text][scored]}; null where a text was left out. */
    private TokenScore[][][] predict(ResaConfig own, List<ResaConfig> probes, int[] starts) {
      TokenScore[][][] scores = new TokenScore[1 + probes.size()][texts.size()][];
      for (TokenScore[][] each : scores) {
        for (int text = 0; text < starts.length; text++) {
          if (starts[text] != TeacherForcing.NONE) {
            each[text] = new TokenScore[texts.get(text).scored().length];
          }
        }
      }
      ForcedRun.Listener listener =
          (text, scored, by, logits) -> {
            ForcedText forced = texts.get(text);
            int right = forced.tokens()[forced.scored()[scored]];
            if (own.isDense() && by == ForcedRun.OWN) {
              TokenScore score = TokenScore.dense(logits, right);
              scores[0][text][scored] = score;
              tops(text)[scored] = score.top();
            } else {
              scores[by - ForcedRun.OWN][text][scored] =
                  TokenScore.of(logits, right, tops(text)[scored]);
            }
          };
      new ForcedRun(forcing, model, own, probes, listener).run(starts);
      return scores;
    }

    private int[] tops(int text) {
      if (denseTops[text] == null) {
        denseTops[text] = new int[texts.get(text).scored().length];
      }
      return denseTops[text];
    }

    private void report(ForcedCell cell, TokenScore[][] scores) {
      IntStream.range(0, scores.length)
          .filter(text -> scores[text] != null)
          .mapToObj(text -> ForcedRow.of(texts.get(text).id(), cell, List.of(scores[text])))
          .forEach(results);
    }
  }
}
