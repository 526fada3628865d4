package org.resa4j.eval.drift;

/**
 * How far cached K and V are from densely built ones: sums of squares, by layer and by distance.
 *
 * <p>Distance 1 is the last cached token. Distances are counted in bins of powers of two: bin 0
 * holds distance 1, bin i distances 2^(i-1) + 1 to 2^i. Relative drift is the root of difference
 * over dense, {@code sqrt(sum |k - k_dense|^2 / sum |k_dense|^2)}.
 *
 * @param difference squared differences, {@code [K, V][cache][bin]}
 * @param dense squared norms of the densely built, {@code [K, V][cache][bin]}
 */
record DriftSums(double[][][] difference, double[][][] dense) {
  /** Bins of all distances that an int can hold. */
  static final int BINS = 32;

  static final int KEY = 0;
  static final int VALUE = 1;

  static DriftSums zero(int caches) {
    return new DriftSums(new double[2][caches][BINS], new double[2][caches][BINS]);
  }

  static int bin(int distance) {
    return 32 - Integer.numberOfLeadingZeros(distance - 1);
  }

  /**
   * Adds the tokens of a cache.
   *
   * @param actual ends with the last cached token
   * @param expected the same tokens, densely built, and maybe more
   */
  void add(CacheRows actual, CacheRows expected) {
    for (int cache = 0; cache < difference[KEY].length; cache++) {
      for (int token = actual.from(); token < actual.to(); token++) {
        int bin = bin(actual.to() - token);
        add(KEY, cache, bin, actual, actual.keys(), expected, expected.keys(), token);
        add(VALUE, cache, bin, actual, actual.values(), expected, expected.values(), token);
      }
    }
  }

  private void add(
      int tensor,
      int cache,
      int bin,
      CacheRows actual,
      float[][] x,
      CacheRows expected,
      float[][] y,
      int token) {
    int width = actual.width();
    int i = (token - actual.from()) * width;
    int j = (token - expected.from()) * width;
    double off = 0;
    double norm = 0;
    for (int k = 0; k < width; k++) {
      double right = y[cache][j + k];
      double error = x[cache][i + k] - right;
      off += error * error;
      norm += right * right;
    }
    difference[tensor][cache][bin] += off;
    dense[tensor][cache][bin] += norm;
  }
}
