package org.resa4j.bench.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.resa4j.bench.report.ChartStyle;
import org.resa4j.bench.report.Interval;

/**
 * Accuracy by the interval of rectification, from the shortest to none: a line for each share of
 * blocks kept, and one for dense decoding. Of steps, where the texts have them, else of answers.
 */
final class RectifyChart {
  private RectifyChart() {}

  /**
   * @return empty where there are no two intervals to compare
   */
  static Optional<XYChart> of(Summary summary, String family) {
    List<SummaryRow> rows =
        summary.rows().stream().filter(row -> row.family().equals(family)).toList();
    List<Integer> intervals =
        rows.stream()
            .filter(row -> !row.setting().isDense())
            .map(RectifyChart::interval)
            .distinct()
            .sorted()
            .toList();
    if (intervals.size() < 2) {
      return Optional.empty();
    }
    boolean steps = rows.stream().allMatch(row -> row.steps().isPresent());
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(family + ": what rectification wins back, bars of 95%")
            .xAxisTitle("tokens between rectifications")
            .yAxisTitle(steps ? "right steps, %" : "right answers, %")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(100.0);
    chart.getStyler().setXAxisMin(-0.5);
    chart.getStyler().setXAxisMax(intervals.size() - 0.5);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x ->
                x == Math.rint(x) && x >= 0 && x < intervals.size()
                    ? label(intervals.get(x.intValue()))
                    : "");
    Map<String, List<SummaryRow>> lines =
        rows.stream()
            .filter(row -> !row.setting().isDense())
            .collect(
                Collectors.groupingBy(
                    row -> EvalCharts.kept(summary, row.setting()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    int index = 0;
    for (Map.Entry<String, List<SummaryRow>> line : lines.entrySet()) {
      addLine(chart, line.getKey(), line.getValue(), intervals, steps, index++);
    }
    for (SummaryRow row : rows) {
      if (row.setting().isDense()) {
        addDense(chart, row, intervals.size(), steps, index++);
      }
    }
    return Optional.of(chart);
  }

  /** None is the longest of all. */
  private static int interval(SummaryRow row) {
    int every = row.setting().config().rectifyEvery();
    return every == 0 ? Integer.MAX_VALUE : every;
  }

  private static String label(int interval) {
    return interval == Integer.MAX_VALUE ? "off" : Integer.toString(interval);
  }

  private static Interval figure(SummaryRow row, boolean steps) {
    return steps ? row.steps().orElseThrow() : row.answers();
  }

  private static void addLine(
      XYChart chart,
      String name,
      List<SummaryRow> rows,
      List<Integer> intervals,
      boolean steps,
      int index) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    List<Double> bars = new ArrayList<>();
    rows.forEach(
        row -> {
          Interval figure = figure(row, steps);
          x.add((double) intervals.indexOf(interval(row)));
          y.add(100 * figure.estimate());
          // Bars are symmetric: half of the interval to each side.
          bars.add(50 * (figure.upper() - figure.lower()));
        });
    XYSeries series = chart.addSeries(name, x, y, bars);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(ChartStyle.color(index));
    series.setLineColor(ChartStyle.color(index));
  }

  private static void addDense(XYChart chart, SummaryRow row, int count, boolean steps, int index) {
    double level = 100 * figure(row, steps).estimate();
    XYSeries series =
        chart.addSeries(Setting.DENSE, List.of(-0.5, count - 0.5), List.of(level, level));
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(ChartStyle.color(index));
    series.setLineStyle(SeriesLines.DASH_DASH);
  }
}
