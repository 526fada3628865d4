package org.resa4j.bench.report;

import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.resa4j.report.Interval;

/** Wall time of dense and ReSA steps of several devices, by context; bars are quartiles. */
final class DeviceChart {
  private DeviceChart() {}

  /**
   * @param rows of one benchmark, shape and batch
   * @param all of the report
   * @return empty where there are fewer than two devices
   */
  static Optional<XYChart> of(List<Row> rows, List<Row> all) {
    List<Row> steps =
        rows.stream()
            .filter(row -> row.stage().startsWith("ReSA ") || row.stage().startsWith("dense "))
            .filter(row -> row.wall().isPresent())
            .toList();
    Set<String> devices = new LinkedHashSet<>();
    Map<String, Map<Integer, Interval>> lines = new LinkedHashMap<>();
    DoubleSummaryStatistics ends = new DoubleSummaryStatistics();
    for (Row row : steps) {
      String device = Machines.label(row, all) + " " + row.target().kvLabel();
      devices.add(device);
      Spread wall = row.wall().orElseThrow();
      ends.accept(wall.lower());
      ends.accept(wall.upper());
      lines
          .computeIfAbsent(device + ", " + row.stage(), none -> new TreeMap<>())
          .put(row.work().context(), new Interval(wall.median(), wall.lower(), wall.upper()));
    }
    if (devices.size() < 2 || ends.getMin() <= 0) {
      return Optional.empty();
    }
    Workload work = steps.getFirst().work();
    XYChart chart =
        ByContext.chart(
            "%s: one step by device, %s, batch %d"
                .formatted(steps.getFirst().benchmark(), work.shapeLabel(), work.batch()),
            "wall time, ms (logarithmic)",
            lines,
            ByContext.noisy(
                steps.stream().filter(Row::isNoisy).count(), steps.size(), "uncertain"));
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(ends.getMin()))));
    chart.getStyler().setYAxisMax(Math.pow(10, Math.ceil(Math.log10(ends.getMax()))));
    return Optional.of(chart);
  }
}
