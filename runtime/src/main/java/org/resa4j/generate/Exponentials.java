package org.resa4j.generate;

/** Sums over a vocabulary, without a call of {@link Math#exp} for each token. */
final class Exponentials {
  private static final double LOG2E = 1 / Math.log(2);

  /** Added to a number below 2^51 it is rounded to an integer, which is its lowest bits. */
  private static final double ROUNDER = 0x1.8p52;

  /** Below it 2^x is nothing beside 1. */
  private static final double LEAST = -1000;

  /** Taylor's series of 2^r for r from -1/2 to 1/2; the next is below 1e-17. */
  private static final double[] SERIES = series(14);

  private static final int LANES = 4;

  private Exponentials() {}

  private static double[] series(int terms) {
    double[] series = new double[terms];
    series[0] = 1;
    for (int i = 1; i < terms; i++) {
      series[i] = series[i - 1] * Math.log(2) / i;
    }
    return series;
  }

  /**
   * The sum of exp((logit - highest) / temperature).
   *
   * @param logits finite, or negative infinity
   */
  static double sum(float[] logits, float highest, double temperature) {
    double scale = LOG2E / temperature;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i <= logits.length - LANES; i += LANES) {
      a += power((logits[i] - highest) * scale);
      b += power((logits[i + 1] - highest) * scale);
      c += power((logits[i + 2] - highest) * scale);
      d += power((logits[i + 3] - highest) * scale);
    }
    for (; i < logits.length; i++) {
      a += power((logits[i] - highest) * scale);
    }
    return a + b + (c + d);
  }

  /** 2^x for x up to 0. */
  static double power(double x) {
    double at = Math.max(x, LEAST);
    double rounded = at + ROUNDER;
    double r = at - (rounded - ROUNDER);
    double power = SERIES[13];
    for (int k = 12; k >= 0; k--) {
      power = Math.fma(power, r, SERIES[k]);
    }
    return Double.longBitsToDouble(
        Double.doubleToRawLongBits(power) + (Double.doubleToRawLongBits(rounded) << 52));
  }
}
