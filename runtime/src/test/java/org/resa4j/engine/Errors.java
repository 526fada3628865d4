package org.resa4j.engine;

/** How far a result is from what it should be. */
public final class Errors {
  private Errors() {}

  /** ‖actual - expected‖ / ‖expected‖; NaN never passes a comparison. */
  public static double relative(double[] expected, float[] actual, int offset) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = actual[offset + i] - expected[i];
      difference += d * d;
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-30);
  }

  public static double relative(float[] expected, float[] actual) {
    double[] wide = new double[expected.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = expected[i];
    }
    return relative(wide, actual, 0);
  }
}
