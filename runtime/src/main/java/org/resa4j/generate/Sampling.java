package org.resa4j.generate;

/**
 * How the next token is chosen from the logits.
 *
 * @param temperature divides the logits; 0 takes the highest logit
 * @param topK only the k most likely tokens; 0 for all
 * @param topP only the most likely tokens that together reach this probability; 1 for all
 * @param seed of the random choice
 * @throws IllegalArgumentException for a value outside its range, naming it
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  public Sampling {
    if (!(temperature >= 0)) {
      throw new IllegalArgumentException("temperature must be at least 0, was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("topK must not be negative (0 is off), was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP must be in (0, 1], was " + topP);
    }
  }

  public boolean isGreedy() {
    return temperature == 0;
  }
}
