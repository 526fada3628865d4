package org.resa4j.bench.options;

import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.error.DeviceException;

/** How fast a device copies memory, if it does so twice at about the same rate. */
public final class CopyRate {
  private static final int MOST = 4;
  private static final double ALIKE = 0.9;

  private CopyRate() {}

  /**
   * Measures, until the two best rates are within 10% of each other.
   *
   * @return bytes read plus written per second; empty, with a word on standard error, where they
   *     never are, for then the machine has other work
   */
  public static OptionalDouble measure(Choice on) {
    OptionalDouble rate;
    try {
      rate = settled(() -> DeviceProbe.of(on.provider()).copyBandwidth(on.device()));
    } catch (DeviceException e) {
      System.err.printf(
          "bench: %s: its copy bandwidth cannot be measured: %s%n",
          on.device().id(), e.getMessage());
      return OptionalDouble.empty();
    }
    if (rate.isEmpty()) {
      System.err.printf(
          Locale.ROOT,
          "bench: %s: copy bandwidth is noisy, so that no row is compared with it%n",
          on.device().id());
    }
    return rate;
  }

  static OptionalDouble settled(DoubleSupplier measured) {
    double[] rates = new double[0];
    while (rates.length < MOST) {
      rates = Arrays.copyOf(rates, rates.length + 1);
      rates[rates.length - 1] = measured.getAsDouble();
      double[] sorted = rates.clone();
      Arrays.sort(sorted);
      int best = sorted.length - 1;
      if (best > 0 && sorted[best - 1] >= ALIKE * sorted[best]) {
        return OptionalDouble.of(sorted[best]);
      }
    }
    return OptionalDouble.empty();
  }
}
