package org.resa4j.server;

import java.util.Locale;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts of seconds, by upper bounds, as Prometheus has them. Thread-safe. */
final class Histogram {
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private final LongAdder[] counts = new LongAdder[SECONDS.length + 1];
  private final DoubleAdder sum = new DoubleAdder();

  Histogram() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void add(long nanos) {
    double seconds = nanos * 1e-9;
    int bucket = 0;
    while (bucket < SECONDS.length && seconds > SECONDS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(seconds);
  }

  void write(String name, StringBuilder to) {
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      all += counts[i].sum();
      String bound = i < SECONDS.length ? Double.toString(SECONDS[i]) : "+Inf";
      to.append("%s_bucket{le=\"%s\"} %d\n".formatted(name, bound, all));
    }
    to.append(String.format(Locale.ROOT, "%s_sum %.6f\n%s_count %d\n", name, sum.sum(), name, all));
  }
}
