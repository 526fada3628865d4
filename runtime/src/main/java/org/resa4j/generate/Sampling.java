package org.resa4j.generate;

/**
 * How the next token is chosen from the logits: the repetition penalty, then temperature, top-k,
 * top-p, min-p.
 *
 * @param temperature divides the logits; 0 takes the highest logit
 * @param topK only the k most likely tokens; 0 for all
 * @param topP only the most likely tokens that together reach this probability; 1 for all
 * @param minP only tokens at least this probable, relative to the most likely one; 0 for all
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that are in
 *     the prompt or the text; 1 is none
 * @param seed of the random choice
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "temperature must be at least 0 and finite, was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("topK must not be negative (0 is off), was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("topP must be in (0, 1], was " + topP);
    }
    if (!(minP >= 0 && minP <= 1)) {
      throw new IllegalArgumentException("minP must be in [0, 1], was " + minP);
    }
    if (!(repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "repetitionPenalty must be above 0 and finite (1 is off), was " + repetitionPenalty);
    }
  }

  /** Without min-p and repetition penalty. */
  public Sampling(double temperature, int topK, double topP, long seed) {
    this(temperature, topK, topP, 0, 1, seed);
  }

  public boolean isGreedy() {
    return temperature == 0;
  }

  public Sampling withTemperature(double value) {
    return new Sampling(value, topK, topP, minP, repetitionPenalty, seed);
  }

  public Sampling withTopK(int value) {
    return new Sampling(temperature, value, topP, minP, repetitionPenalty, seed);
  }

  public Sampling withTopP(double value) {
    return new Sampling(temperature, topK, value, minP, repetitionPenalty, seed);
  }

  public Sampling withMinP(double value) {
    return new Sampling(temperature, topK, topP, value, repetitionPenalty, seed);
  }

  public Sampling withRepetitionPenalty(double value) {
    return new Sampling(temperature, topK, topP, minP, value, seed);
  }

  public Sampling withSeed(long value) {
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty, value);
  }
}
