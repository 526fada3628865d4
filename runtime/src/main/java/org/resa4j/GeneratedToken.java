package org.resa4j;

import java.util.List;
import java.util.OptionalDouble;
import org.resa4j.generate.ChosenToken.TokenProbability;

/**
 * A token of a text, as it comes.
 *
 * @param id the token
 * @param text what of the text is certain with this token: whole characters, no part of a stop
 *     string, so often nothing, or what tokens before it began
 * @param logProbability the natural logarithm of its probability, by the model's own logits; empty
 *     unless it was asked for
 * @param likeliest the likeliest tokens there, the likeliest first, as many as were asked for
 */
public record GeneratedToken(
    int id, String text, OptionalDouble logProbability, List<TokenProbability> likeliest) {
  public GeneratedToken {
    likeliest = List.copyOf(likeliest);
  }
}
