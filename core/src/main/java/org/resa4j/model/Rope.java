package org.resa4j.model;

import java.util.function.IntFunction;

/**
 * Rotary position embedding, in halves: elements j and j + d/2 of a head are turned by position ·
 * inverseFrequency[j], and scaled.
 *
 * <p>Angles are rounded to fp32 as in the libraries that models are trained with.
 *
 * @param inverseFrequencies {@code [d/2]}, scaled as the model's configuration says
 * @param attentionFactor what cosine and sine are multiplied with; 1 but for YaRN and LongRoPE
 * @param originalContext positions up to which {@code inverseFrequencies} are right
 * @param extended the inverse frequencies of a longer context, by its length
 * @see <a href="https://arxiv.org/abs/2309.00071">YaRN, which tells of the others too</a>
 */
public record Rope(
    float[] inverseFrequencies,
    float attentionFactor,
    int originalContext,
    IntFunction<float[]> extended) {

  /**
   * @throws IllegalArgumentException for a frequency or factor that is no number
   */
  public Rope {
    for (float frequency : inverseFrequencies) {
      if (!Float.isFinite(frequency)) {
        throw new IllegalArgumentException("RoPE has an inverse frequency of " + frequency);
      }
    }
    if (!Float.isFinite(attentionFactor) || attentionFactor <= 0) {
      throw new IllegalArgumentException(
          "RoPE's attention factor must be a number above 0, was " + attentionFactor);
    }
  }

  /** One whose frequencies hold for every context. */
  public Rope(float[] inverseFrequencies, float attentionFactor) {
    this(inverseFrequencies, attentionFactor, Integer.MAX_VALUE, context -> inverseFrequencies);
  }

  /** The same, unscaled. */
  public Rope(float[] inverseFrequencies) {
    this(inverseFrequencies, 1);
  }

  /** Pairs of a head, d/2. */
  public int pairs() {
    return inverseFrequencies.length;
  }

  /**
   * The one of a context: dynamic scaling and LongRoPE have other frequencies for longer ones. All
   * keys of a cache are turned by the same frequencies, those of the longest text that it holds.
   *
   * @param contextLength tokens that a sequence can hold
   */
  public Rope forContext(int contextLength) {
    return contextLength <= originalContext
        ? this
        : new Rope(extended.apply(contextLength), attentionFactor);
  }

  /**
   * Writes cosine and sine of a position's angles.
   *
   * @param cos {@code [d/2]} from {@code offset}
   * @param sin {@code [d/2]} from {@code offset}
   */
  public void angles(int position, float[] cos, float[] sin, int offset) {
    for (int j = 0; j < inverseFrequencies.length; j++) {
      float angle = position * inverseFrequencies[j];
      cos[offset + j] = attentionFactor * (float) Math.cos(angle);
      sin[offset + j] = attentionFactor * (float) Math.sin(angle);
    }
  }
}
