package org.resa4j.bench.options;

import java.util.Arrays;
import java.util.Locale;

/**
 * Repeated measurements of one thing, in nanoseconds.
 *
 * @param nanos at least one; sorted
 */
public record Samples(long[] nanos) {
  public Samples {
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  /** What is measured once. */
  public interface Measured {
    long nanos();
  }

  public static Samples take(int count, Measured measured) {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      nanos[i] = measured.nanos();
    }
    return new Samples(nanos);
  }

  public double medianMillis() {
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
