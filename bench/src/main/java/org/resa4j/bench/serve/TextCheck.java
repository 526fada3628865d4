package org.resa4j.bench.serve;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.generate.LogitCheck;
import org.resa4j.engine.Engine;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.ChosenToken;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.Scheduler;

/**
 * Holds texts that were written beside others against the same written alone. Other chunks and
 * batches add up in another order, so that where two tokens are as likely as each other up to
 * rounding, either may be chosen, and the texts differ from there on.
 */
final class TextCheck {
  /** Of the likeliest tokens: the other choice must be among them to be a tie. */
  private static final int LIKELIEST = 8;

  /** Of logits, whose error is relative to all of them: those of a trained model are below it. */
  private static final double LARGEST_LOGIT = 20;

  private final Engine engine;
  private final int vocabulary;
  private final ResaConfig config;
  private int equal;
  private int ties;
  private int wrong;

  TextCheck(Engine engine, int vocabulary, ResaConfig config) {
    this.engine = engine;
    this.vocabulary = vocabulary;
    this.config = config;
  }

  /** Compares two texts after one prompt, as far as both go. */
  void compare(int[] prompt, int[] alone, int[] beside) {
    int both = Math.min(alone.length, beside.length);
    int differs = Arrays.mismatch(alone, 0, both, beside, 0, both);
    if (differs < 0) {
      equal++;
      return;
    }
    double tolerance = LogitCheck.tolerance(engine.info().kvType()) * LARGEST_LOGIT;
    OptionalDouble margin = margin(prompt, alone, differs, beside[differs]);
    if (margin.isPresent() && margin.getAsDouble() <= tolerance) {
      ties++;
      return;
    }
    wrong++;
    System.err.printf(
        "WRONG: a text after %d tokens differs from its text alone from token %d on: %d, not %d,"
            + " %s (at most %.0e is rounding)%n",
        prompt.length,
        differs,
        beside[differs],
        alone[differs],
        margin.isPresent()
            ? "%.1e less likely by log-probability".formatted(margin.getAsDouble())
            : "none of the %d likeliest".formatted(LIKELIEST),
        tolerance);
  }

  /** How much less likely another token is than the one chosen alone; empty if it is unlikely. */
  private OptionalDouble margin(int[] prompt, int[] alone, int index, int other) {
    ChosenToken[] last = new ChosenToken[1];
    new Scheduler(engine, vocabulary)
        .run(
            List.of(
                new DecodeRequest(
                    prompt,
                    index + 1,
                    config,
                    Sampling.GREEDY,
                    Set.of(),
                    (token, end) -> {
                      last[0] = token;
                      return true;
                    },
                    false,
                    OptionalInt.of(LIKELIEST),
                    0,
                    Optional.empty(),
                    new Cancellation())));
    if (last[0].id() != alone[index]) {
      throw new IllegalStateException("a text alone is another each time");
    }
    double chosen = last[0].logProbability().orElseThrow();
    return last[0].likeliest().stream()
        .filter(token -> token.id() == other)
        .mapToDouble(token -> chosen - token.logProbability())
        .findFirst();
  }

  boolean isRight() {
    return wrong == 0;
  }

  /** In words. */
  @Override
  public String toString() {
    return "%d texts of %d are those written alone, %d differ from where two tokens were equally likely, %d are wrong"
        .formatted(equal, equal + ties + wrong, ties, wrong);
  }
}
