package org.resa4j.bench.serve;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.resa4j.bench.report.Spread;

/**
 * Times that readers waited.
 *
 * @param nanos at least one; sorted
 */
record Quantiles(long[] nanos) {
  /**
   * @throws IllegalArgumentException if there is none
   */
  Quantiles {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("no times to take quantiles of");
    }
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  static Quantiles of(LongStream nanos) {
    return new Quantiles(nanos.toArray());
  }

  /** Median and quartiles. */
  Spread spread() {
    return Spread.ofNanos(nanos);
  }

  /** The shortest that {@code share} of them do not exceed. */
  Spread quantile(double share) {
    int at = Math.clamp((int) Math.ceil(share * nanos.length) - 1, 0, nanos.length - 1);
    return Spread.ofNanos(nanos[at]);
  }

  Spread p99() {
    return quantile(0.99);
  }

  Spread max() {
    return quantile(1);
  }
}
