package org.resa4j.model;

/**
 * Rotary position embedding, in halves: elements j and j + d/2 of a head are turned by position ·
 * inverseFrequency[j].
 *
 * <p>Angles are rounded to fp32 as in the libraries that models are trained with.
 *
 * @param inverseFrequencies {@code [d/2]}, scaled as the model's configuration says
 */
public record Rope(float[] inverseFrequencies) {

  /** Pairs of a head, d/2. */
  public int pairs() {
    return inverseFrequencies.length;
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
      cos[offset + j] = (float) Math.cos(angle);
      sin[offset + j] = (float) Math.sin(angle);
    }
  }
}
