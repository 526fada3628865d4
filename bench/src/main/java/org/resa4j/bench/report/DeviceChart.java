package org.resa4j.bench.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.resa4j.report.ChartStyle;

/** Dense and ReSA steps of several devices side by side, by context. */
final class DeviceChart {
  private DeviceChart() {}

  /**
   * @param rows of one benchmark, shape and batch
   * @return empty where there are fewer than two devices
   */
  static Optional<CategoryChart> of(List<Row> rows) {
    List<Row> steps =
        rows.stream()
            .filter(row -> row.stage().startsWith("ReSA ") || row.stage().startsWith("dense "))
            .toList();
    Set<Integer> contexts = new TreeSet<>();
    Set<Target> targets = new LinkedHashSet<>();
    Map<String, Map<Integer, Double>> bars = new LinkedHashMap<>();
    for (Row row : steps) {
      contexts.add(row.work().context());
      targets.add(row.target());
      bars.computeIfAbsent(row.target().label() + ", " + row.stage(), none -> new LinkedHashMap<>())
          .put(row.work().context(), row.time().median());
    }
    if (targets.size() < 2) {
      return Optional.empty();
    }
    Workload work = rows.getFirst().work();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(
                "%s: one step by device, %s, batch %d"
                    .formatted(rows.getFirst().benchmark(), work.shapeLabel(), work.batch()))
            .xAxisTitle("tokens cached")
            .yAxisTitle("device time, else wall time, ms (logarithmic)")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisLogarithmic(true);
    // Bars would start at 0, which a logarithmic axis has not.
    DoubleSummaryStatistics exponents =
        steps.stream().mapToDouble(row -> Math.log10(row.time().median())).summaryStatistics();
    chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(exponents.getMin())));
    chart.getStyler().setYAxisMax(Math.pow(10, Math.ceil(exponents.getMax())));
    chart.getStyler().setAvailableSpaceFill(0.8);
    List<String> labels = contexts.stream().map(Workload::tokens).toList();
    int index = 0;
    for (Map.Entry<String, Map<Integer, Double>> bar : bars.entrySet()) {
      List<Double> values = new ArrayList<>();
      contexts.forEach(context -> values.add(bar.getValue().get(context)));
      chart.addSeries(bar.getKey(), labels, values).setFillColor(ChartStyle.color(index));
      index++;
    }
    return Optional.of(chart);
  }
}
