package org.resa4j.engine.jvm;

/** Turns the pairs (j, j + d/2) of heads by their position's angles. */
final class Rotary {
  private Rotary() {}

  /**
   * Turns {@code heads} heads in place.
   *
   * @param x {@code [head][d]} from {@code offset}
   * @param cos {@code [d/2]} from {@code angle}
   * @param sin {@code [d/2]} from {@code angle}
   */
  static void turn(
      float[] x, int offset, int heads, int width, float[] cos, float[] sin, int angle) {
    int half = width / 2;
    for (int head = 0; head < heads; head++) {
      int at = offset + head * width;
      for (int j = 0; j < half; j++) {
        float a = x[at + j];
        float b = x[at + j + half];
        x[at + j] = a * cos[angle + j] - b * sin[angle + j];
        x[at + j + half] = b * cos[angle + j] + a * sin[angle + j];
      }
    }
  }
}
