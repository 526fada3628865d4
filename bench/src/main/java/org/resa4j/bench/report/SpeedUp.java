package org.resa4j.bench.report;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.resa4j.report.Interval;

/**
 * How many times faster a row is than dense attention on the same work, by wall time, which is what
 * a user waits. Rows of device time alone, as some peers', are compared by that where both have it.
 *
 * @param ratio of medians, between those of the far ends of both rows' quartiles
 * @param isNoisy whether one of the two rows is, so that the ratio says nothing
 */
record SpeedUp(Interval ratio, boolean isNoisy) {
  private static final List<String> SPARSE = List.of("ReSA ", "sparse ", "exact ", "auto ");

  /** Over the dense row of the same engine, device, KV type and run; empty where there is none. */
  static Optional<SpeedUp> overOwnDense(Row row, List<Row> rows) {
    Optional<String> run = row.provenance().map(Provenance::run);
    return over(
        row,
        rows,
        other ->
            other.target().equals(row.target())
                && other.provenance().map(Provenance::run).equals(run));
  }

  /**
   * Over the fastest dense row on the same device, whatever ran it: another engine, back end or
   * peer.
   */
  static Optional<SpeedUp> overBestDense(Row row, List<Row> rows) {
    String name = row.target().deviceName();
    return over(row, rows, other -> other.target().deviceName().equals(name));
  }

  private static Optional<SpeedUp> over(Row row, List<Row> rows, Predicate<Row> candidate) {
    String prefix =
        SPARSE.stream().filter(each -> row.stage().startsWith(each)).findFirst().orElse("");
    if (prefix.isEmpty()) {
      return Optional.empty();
    }
    String dense = "dense " + row.stage().substring(prefix.length());
    return rows.stream()
        .filter(candidate)
        .filter(other -> other.stage().equals(dense))
        .filter(other -> other.benchmark().equals(row.benchmark()))
        .filter(other -> other.work().comparable(row.work()))
        .filter(other -> Provenance.comparable(other.provenance(), row.provenance()))
        .flatMap(other -> of(other, row).stream())
        .min(Comparator.comparingDouble(each -> each.ratio.estimate()));
  }

  private static Optional<SpeedUp> of(Row dense, Row row) {
    // A token's time on a device leaves out what its reader waits for.
    boolean byWall = row.wall().isPresent() && dense.wall().isPresent();
    boolean byDevice =
        row.tokens().isEmpty() && row.device().isPresent() && dense.device().isPresent();
    if (!byWall && !byDevice) {
      return Optional.empty();
    }
    Spread slow = (byWall ? dense.wall() : dense.device()).orElseThrow();
    Spread fast = (byWall ? row.wall() : row.device()).orElseThrow();
    if (fast.lower() == 0) {
      // The clock is too coarse.
      return Optional.empty();
    }
    return Optional.of(
        new SpeedUp(
            new Interval(
                slow.median() / fast.median(),
                slow.lower() / fast.upper(),
                slow.upper() / fast.lower()),
            slow.isNoisy() || fast.isNoisy()));
  }
}
