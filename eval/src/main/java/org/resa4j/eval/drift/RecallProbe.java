package org.resa4j.eval.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.resa4j.attention.ResaConfig;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.model.Model;
import org.resa4j.reference.ReferenceModel;

/**
 * Looks into the selection of sampled steps: each runs in double precision on a copy of an engine's
 * cache.
 */
final class RecallProbe {
  private final Model model;
  private final int steps;
  private final Consumer<RecallRow> results;

  /**
   * @param steps the most that are sampled of a text's scored tokens, evenly spread; 0 for none
   */
  RecallProbe(Model model, int steps, Consumer<RecallRow> results) {
    this.model = model;
    this.steps = steps;
    this.results = results;
  }

  boolean isOn() {
    return steps > 0;
  }

  /** Positions of the sampled steps, descending. */
  private int[] queries(ForcedText text) {
    int count = Math.min(steps, text.scored().length);
    return IntStream.range(0, count)
        .map(i -> text.scored()[(int) ((long) (count - 1 - i) * text.scored().length / count)] - 1)
        .toArray();
  }

  /** Whether dense steps on a densely built cache are right, by sampled step. */
  boolean[] dense(ForcedText text, CacheRows built, int blockSize) {
    ReferenceModel plain = load(built);
    int[] queries = queries(text);
    boolean[] right = new boolean[queries.length];
    for (int i = 0; i < right.length; i++) {
      right[i] = isRight(text, queries[i], step(plain, text, queries[i], blockSize));
    }
    return right;
  }

  private static double[] step(ReferenceModel plain, ForcedText text, int at, int blockSize) {
    return plain.step(text.tokens()[at], at, ResaConfig.dense(blockSize));
  }

  /**
   * Reports the selection of each sampled step.
   *
   * @param denseRight what {@link #dense} returned
   * @param built the cache of all tokens, from 0
   * @param cache what built it
   */
  void sparse(
      ForcedText text, boolean[] denseRight, CacheRows built, Cache cache, ResaConfig config) {
    ReferenceModel plain = load(built);
    int[] queries = queries(text);
    // Descending: a step overwrites its own token's K and V, which the steps before it do not read.
    for (int i = 0; i < queries.length; i++) {
      List<List<BlockRecall>> heads = new ArrayList<>();
      double[] logits =
          plain.step(
              text.tokens()[queries[i]],
              queries[i],
              config,
              (layer, kvHead, group, keys, tokens, kept) -> {
                if (kvHead == 0) {
                  heads.add(new ArrayList<>());
                }
                heads.get(layer).add(BlockRecall.of(group, keys, tokens, config.blockSize(), kept));
              });
      results.accept(
          new RecallRow(
              text.id(),
              cache,
              config.keepRatio(),
              queries[i],
              denseRight[i],
              isRight(text, queries[i], logits),
              heads));
    }
  }

  private ReferenceModel load(CacheRows built) {
    ReferenceModel plain = new ReferenceModel(model, built.to());
    for (int cache = 0; cache < model.config().caches(); cache++) {
      plain.load(cache, 0, built.to(), built.keys()[cache], built.values()[cache]);
    }
    return plain;
  }

  private static boolean isRight(ForcedText text, int query, double[] logits) {
    int top = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[top]) {
        top = token;
      }
    }
    return top == text.tokens()[query + 1];
  }
}
