package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import org.resa4j.generate.ChosenToken.TokenProbability;

/** Log-probabilities from logits, {@code logit - log(sum(exp(logits)))}, in double precision. */
final class LogProbabilities {
  private LogProbabilities() {}

  /**
   * @param logits one for each token
   * @param chosen the token chosen
   * @param count how many of the likeliest are wanted
   */
  static ChosenToken of(float[] logits, int chosen, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    double normaliser = max + Math.log(sum);
    return new ChosenToken(
        chosen,
        OptionalDouble.of(logits[chosen] - normaliser),
        likeliest(logits, Math.min(count, logits.length), normaliser));
  }

  private static List<TokenProbability> likeliest(float[] logits, int count, double normaliser) {
    // The least likely first; of equals the higher id, since the lower one stays.
    Comparator<Integer> order =
        Comparator.<Integer>comparingDouble(token -> logits[token])
            .thenComparing(Comparator.reverseOrder());
    PriorityQueue<Integer> best = new PriorityQueue<>(count + 1, order);
    for (int token = 0; count > 0 && token < logits.length; token++) {
      if (best.size() < count || logits[token] > logits[best.element()]) {
        best.add(token);
        if (best.size() > count) {
          best.remove();
        }
      }
    }
    List<TokenProbability> likeliest = new ArrayList<>();
    while (!best.isEmpty()) {
      int token = best.remove();
      likeliest.add(new TokenProbability(token, logits[token] - normaliser));
    }
    return likeliest.reversed();
  }
}
