package org.resa4j.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.resa4j.report.ChartStyle;

/** Speed-up over own dense attention by context: a line for each device and shape. */
final class SpeedUpChart {
  private SpeedUpChart() {}

  /**
   * @param rows of one benchmark and batch
   * @return empty where there is no speed-up
   */
  static Optional<XYChart> of(List<Row> rows) {
    Map<String, TreeMap<Double, Double>> lines = new LinkedHashMap<>();
    for (Row row : rows) {
      OptionalDouble speedUp = SpeedUp.overOwnDense(row, rows);
      if (row.stage().startsWith("ReSA ") && speedUp.isPresent()) {
        lines
            .computeIfAbsent(
                "%s, %s".formatted(row.target().label(), row.work().shapeLabel()),
                none -> new TreeMap<>())
            .put(Math.log(row.work().context()) / Math.log(2), speedUp.getAsDouble());
      }
    }
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(
                "%s: ReSA, rectification included, against the same engine's dense, batch %d"
                    .formatted(rows.getFirst().benchmark(), rows.getFirst().work().batch()))
            .xAxisTitle("tokens cached")
            .yAxisTitle("times faster than dense")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    double least = lines.values().stream().mapToDouble(TreeMap::firstKey).min().orElseThrow();
    double most = lines.values().stream().mapToDouble(TreeMap::lastKey).max().orElseThrow();
    chart.getStyler().setXAxisMin(Math.floor(least));
    chart.getStyler().setXAxisMax(Math.max(Math.ceil(most), Math.floor(least) + 1));
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x -> x == Math.rint(x) && x < 31 ? Workload.tokens(1 << x.intValue()) : "");
    int index = 0;
    for (Map.Entry<String, TreeMap<Double, Double>> line : lines.entrySet()) {
      XYSeries series =
          chart.addSeries(
              line.getKey(),
              new ArrayList<>(line.getValue().keySet()),
              new ArrayList<>(line.getValue().values()));
      series.setMarker(SeriesMarkers.CIRCLE);
      series.setMarkerColor(ChartStyle.color(index));
      series.setLineColor(ChartStyle.color(index));
      if (index >= ChartStyle.COLORS) {
        series.setLineStyle(SeriesLines.DASH_DASH);
      }
      index++;
    }
    return Optional.of(chart);
  }
}
