package org.resa4j.bench.report;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One measured thing. There is no row without an error: what was not checked, or is wrong, cannot
 * be reported.
 *
 * @param benchmark {@code attention}, {@code generate} ...
 * @param target engine and device
 * @param work shape, batch, context, settings
 * @param stage what of it: {@code estimate}, {@code dense step}, {@code ReSA step} ...; rows named
 *     {@code ReSA x}, {@code sparse x} and {@code exact x} are compared with {@code dense x}
 * @param wall time of a call, seen from outside; empty for a part of a call on a device
 * @param device time that the device reports; empty where it reports none
 * @param bytes memory that the algorithm reads and writes at the least; empty where nobody counts
 * @param tokens tokens that a call processes; empty where a rate means nothing
 * @param copyBandwidth bytes read plus written per second by a copy on the device in the same run
 * @param error relative error against double precision, ‖actual - expected‖ / ‖expected‖, the worst
 *     of those sampled
 * @param provenance when, where and with what; empty in rows that others measured
 */
public record Row(
    String benchmark,
    Target target,
    Workload work,
    String stage,
    Optional<Spread> wall,
    Optional<Spread> device,
    OptionalLong bytes,
    OptionalLong tokens,
    OptionalDouble copyBandwidth,
    double error,
    Optional<Provenance> provenance) {
  /** One just measured here: {@link Report#measured} adds the provenance. */
  public Row(
      String benchmark,
      Target target,
      Workload work,
      String stage,
      Optional<Spread> wall,
      Optional<Spread> device,
      OptionalLong bytes,
      OptionalLong tokens,
      OptionalDouble copyBandwidth,
      double error) {
    this(
        benchmark,
        target,
        work,
        stage,
        wall,
        device,
        bytes,
        tokens,
        copyBandwidth,
        error,
        Optional.empty());
  }

  /**
   * @throws IllegalArgumentException if both times are missing, or the error is not a finite number
   */
  public Row {
    if (wall.isEmpty() && device.isEmpty()) {
      throw new IllegalArgumentException(stage + ": no time");
    }
    if (!(error >= 0 && error < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(stage + ": no error, " + error);
    }
    if (copyBandwidth.isPresent()) {
      // Whole bytes come back from a file that says GB/s.
      copyBandwidth = OptionalDouble.of(Math.rint(copyBandwidth.getAsDouble()));
    }
  }

  Row with(Provenance where) {
    return new Row(
        benchmark,
        target,
        work,
        stage,
        wall,
        device,
        bytes,
        tokens,
        copyBandwidth,
        error,
        Optional.of(where));
  }

  /** Whether its times are too far apart to be compared with others'. */
  public boolean isNoisy() {
    return time().isNoisy() || wall.map(Spread::isNoisy).orElse(false);
  }

  /** Device time where there is one, else wall time. */
  public Spread time() {
    return device.or(() -> wall).orElseThrow();
  }

  /** 10^9 bytes per second of {@link #time()}. */
  public OptionalDouble gigabytesPerSecond() {
    return bytes.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(bytes.getAsLong() / time().median() / 1e6);
  }

  /** Bytes per second over those of a copy. */
  public OptionalDouble copyShare() {
    return bytes.isEmpty() || copyBandwidth.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(gigabytesPerSecond().getAsDouble() * 1e9 / copyBandwidth.getAsDouble());
  }

  /**
   * The part of the wall time in which the device had nothing to do: what the host costs. Empty
   * also where the device, in runs of its own, took no less.
   */
  public OptionalDouble hostShare() {
    return wall.isEmpty() || device.isEmpty() || device.get().median() >= wall.get().median()
        ? OptionalDouble.empty()
        : OptionalDouble.of(1 - device.get().median() / wall.get().median());
  }

  /** By wall time, which is what a user waits; by device time where there is no other. */
  public OptionalDouble tokensPerSecond() {
    return tokens.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(1e3 * tokens.getAsLong() / wall.orElseGet(this::time).median());
  }
}
