package org.resa4j.engine.jvm;

/** RMSNorm: {@code y = x / sqrt(mean(x²) + ε) · w}. */
final class Norm {
  private Norm() {}

  /** Normalises {@code width} elements; {@code y} may be {@code x}. */
  static void rms(
      float[] x, int from, float[] weight, float epsilon, float[] y, int to, int width) {
    double squares = 0;
    for (int j = 0; j < width; j++) {
      squares += (double) x[from + j] * x[from + j];
    }
    float scale = (float) (1 / Math.sqrt(squares / width + epsilon));
    for (int j = 0; j < width; j++) {
      y[to + j] = x[from + j] * scale * weight[j];
    }
  }
}
