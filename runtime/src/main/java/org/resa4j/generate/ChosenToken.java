package org.resa4j.generate;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A token that was chosen.
 *
 * @param id the token
 * @param logProbability the natural logarithm of its probability, by the model's logits as they
 *     are, before temperature, penalties and filters; empty unless it was asked for
 * @param likeliest the most likely tokens there, the likeliest first, as many as were asked for
 */
public record ChosenToken(int id, OptionalDouble logProbability, List<TokenProbability> likeliest) {

  /**
   * A token that could have been chosen.
   *
   * @param id the token
   * @param logProbability the natural logarithm of its probability
   */
  public record TokenProbability(int id, double logProbability) {}

  public ChosenToken {
    likeliest = List.copyOf(likeliest);
  }

  /** Without probabilities. */
  public static ChosenToken of(int id) {
    return new ChosenToken(id, OptionalDouble.empty(), List.of());
  }
}
