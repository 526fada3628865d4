package org.resa4j.bench.report;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How many times faster a row is than dense attention on the same work: by wall time where tokens
 * are counted, for that is what their reader waits, else by {@link Row#time()}.
 */
final class SpeedUp {
  private static final List<String> SPARSE = List.of("ReSA ", "sparse ", "exact ");

  private SpeedUp() {}

  /** Over the dense row of the same engine, device and KV type; empty where there is none. */
  static OptionalDouble overOwnDense(Row row, List<Row> rows) {
    return over(row, rows.stream().filter(other -> other.target().equals(row.target())).toList());
  }

  /**
   * Over the fastest dense row on the same device, whatever ran it: another engine, back end or
   * peer.
   */
  static OptionalDouble overBestDense(Row row, List<Row> rows) {
    String name = row.target().deviceName();
    return over(
        row, rows.stream().filter(other -> other.target().deviceName().equals(name)).toList());
  }

  private static OptionalDouble over(Row row, List<Row> candidates) {
    String prefix =
        SPARSE.stream().filter(each -> row.stage().startsWith(each)).findFirst().orElse("");
    if (prefix.isEmpty()) {
      return OptionalDouble.empty();
    }
    String dense = "dense " + row.stage().substring(prefix.length());
    // Device times are compared with device times only, wall times with wall times.
    boolean byWall = row.tokens().isPresent() && row.wall().isPresent();
    return candidates.stream()
        .filter(other -> other.stage().equals(dense))
        .filter(other -> other.benchmark().equals(row.benchmark()))
        .filter(other -> other.work().comparable(row.work()))
        .filter(
            other ->
                byWall
                    ? other.wall().isPresent()
                    : other.device().isPresent() == row.device().isPresent())
        .mapToDouble(
            other ->
                byWall
                    ? other.wall().orElseThrow().median() / row.wall().orElseThrow().median()
                    : other.time().median() / row.time().median())
        .min();
  }
}
