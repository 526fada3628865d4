package org.resa4j.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Repeated measurements of one thing, in nanoseconds.
 *
 * @param nanos at least one; sorted
 */
record Samples(long[] nanos) {
  Samples {
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  /** What is measured once. */
  interface Measured {
    long nanos();
  }

  static Samples take(int count, Measured measured) {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      nanos[i] = measured.nanos();
    }
    return new Samples(nanos);
  }

  double medianMillis() {
    return nanos[nanos.length / 2] / 1e6;
  }

  /** Median, with the first and the third quartile. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%9.4f  [%.4f, %.4f]",
        medianMillis(),
        nanos[nanos.length / 4] / 1e6,
        nanos[nanos.length * 3 / 4] / 1e6);
  }
}
