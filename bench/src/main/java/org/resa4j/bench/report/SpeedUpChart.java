package org.resa4j.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.resa4j.report.Interval;

/**
 * Speed-up over own dense attention by context, a line for each device and shape; bars end at the
 * ratios of the far ends of both rows' quartiles. A ratio of noisy rows is left out, with a word.
 */
final class SpeedUpChart {
  private static final Interval ONE = new Interval(1, 1, 1);

  private SpeedUpChart() {}

  /**
   * @param rows of one benchmark and batch
   * @param all of the report
   * @return empty where there is no speed-up
   */
  static Optional<XYChart> of(List<Row> rows, List<Row> all) {
    Map<String, Map<Integer, Interval>> lines = new LinkedHashMap<>();
    Map<Integer, Interval> dense = new TreeMap<>();
    lines.put("dense", dense);
    int ratios = 0;
    int noisy = 0;
    for (Row row : rows) {
      Optional<SpeedUp> speedUp = SpeedUp.overOwnDense(row, rows);
      if (row.stage().startsWith("ReSA ") && speedUp.isPresent()) {
        ratios++;
        dense.put(row.work().context(), ONE);
        if (speedUp.get().isNoisy()) {
          noisy++;
        } else {
          lines
              .computeIfAbsent(
                  "%s %s, %s"
                      .formatted(
                          Machines.label(row, all),
                          row.target().kvLabel(),
                          row.work().shapeLabel()),
                  none -> new TreeMap<>())
              .put(row.work().context(), speedUp.get().ratio());
        }
      }
    }
    if (ratios == 0) {
      return Optional.empty();
    }
    Row first = rows.getFirst();
    return Optional.of(
        ByContext.chart(
            "%s: ReSA, rectification included, against the same engine's dense, batch %d"
                .formatted(first.benchmark(), first.work().batch()),
            "times faster than dense, wall time",
            lines,
            ByContext.noisy(noisy, ratios, "left out")));
  }
}
