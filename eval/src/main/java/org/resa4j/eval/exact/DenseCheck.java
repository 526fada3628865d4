package org.resa4j.eval.exact;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.KvType;
import org.resa4j.eval.exact.Parting.Kind;
import org.resa4j.generate.ChosenToken.TokenProbability;
import org.resa4j.generate.GumbelNoise;
import org.resa4j.generate.Sampling;

/**
 * Says why a text of exact mode is not dense decoding's: the tokens that both have are given to a
 * dense pass, and what it says of the next is the judge. Neither text is: each had its logits from
 * calls of another shape, and a sum in another order is another number.
 */
public final class DenseCheck {
  /**
   * How far rounding takes two logits apart, fp32 and fp16 cached: of the model that ships, ten
   * times and more what was seen, and less than a hundredth of a usual margin.
   */
  private static final double ROUNDING_F32 = 2e-3;

  private static final double ROUNDING_F16 = 5e-2;

  private final Resa resa;

  public DenseCheck(Resa resa) {
    this.resa = resa;
  }

  /** The first token that differs; empty where none does. */
  public static Optional<Integer> firstDifference(List<Integer> dense, List<Integer> exact) {
    int both = Math.min(dense.size(), exact.size());
    for (int i = 0; i < both; i++) {
      if (!dense.get(i).equals(exact.get(i))) {
        return Optional.of(i);
      }
    }
    return dense.size() == exact.size() ? Optional.empty() : Optional.of(both);
  }

  /**
   * Asks a dense pass about the place where two texts part.
   *
   * @param at {@link #firstDifference}
   * @param sampling of both texts
   */
  public CompletableFuture<Parting> part(
      int[] prompt, List<Integer> dense, List<Integer> exact, int at, Sampling sampling) {
    if (at == Math.min(dense.size(), exact.size())) {
      // One of them ends where the other goes on, without a token that says so.
      return CompletableFuture.completedFuture(new Parting(at, Kind.FAULT, OptionalDouble.empty()));
    }
    if (!scoresAreLogits(sampling)) {
      return CompletableFuture.completedFuture(
          new Parting(at, Kind.UNKNOWN, OptionalDouble.empty()));
    }
    int[] given = Arrays.copyOf(prompt, prompt.length + at);
    for (int i = 0; i < at; i++) {
      given[prompt.length + i] = dense.get(i);
    }
    int blockSize = resa.info().engine().options().blockSize();
    GenerationOptions options =
        new GenerationOptions(1, ResaConfig.dense(blockSize), Sampling.GREEDY)
            .withLogProbabilities(resa.info().model().vocabulary());
    return resa.submit(new GenerationRequest(Prompt.tokens(given), options))
        .result()
        .thenApply(next -> judge(next, given.length, dense.get(at), exact.get(at), at, sampling));
  }

  private static boolean scoresAreLogits(Sampling sampling) {
    return sampling.repetitionPenalty() == 1
        && (sampling.isGreedy()
            || (sampling.topK() == 0 && sampling.topP() == 1 && sampling.minP() == 0));
  }

  private Parting judge(
      Generation next, int position, int dense, int exact, int at, Sampling sampling) {
    GumbelNoise noise = new GumbelNoise(sampling.seed(), position);
    double temperature = sampling.isGreedy() ? 1 : sampling.temperature();
    double best = Double.NEGATIVE_INFINITY;
    double worse = Double.POSITIVE_INFINITY;
    for (TokenProbability each : next.tokens().getFirst().likeliest()) {
      double score =
          each.logProbability() / temperature + (sampling.isGreedy() ? 0 : noise.of(each.id()));
      best = Math.max(best, score);
      if (each.id() == dense || each.id() == exact) {
        worse = Math.min(worse, score);
      }
    }
    double margin = best - worse;
    return new Parting(
        at, margin <= rounding() / temperature ? Kind.TIE : Kind.FAULT, OptionalDouble.of(margin));
  }

  private double rounding() {
    return resa.info().engine().kvType() == KvType.F32 ? ROUNDING_F32 : ROUNDING_F16;
  }
}
