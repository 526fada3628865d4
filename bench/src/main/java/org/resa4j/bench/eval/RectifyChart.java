package org.resa4j.bench.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
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
  private final Summary summary;
  private final List<SummaryRow> rows;
  private final boolean steps;
  private final List<Integer> intervals;

  private RectifyChart(Summary summary, String family) {
    this.summary = summary;
    // An interval that follows drift has no place on the axis.
    rows =
        summary.rows().stream()
            .filter(row -> row.family().equals(family))
            .filter(row -> row.setting().config().driftTarget().isEmpty())
            .toList();
    steps = rows.stream().allMatch(row -> row.steps().isPresent());
    intervals =
        rows.stream()
            .filter(row -> !row.setting().isDense())
            .map(RectifyChart::interval)
            .distinct()
            .sorted()
            .toList();
  }

  /**
   * @return empty where there are no two intervals to compare
   */
  static Optional<CategoryChart> of(Summary summary, String family) {
    RectifyChart chart = new RectifyChart(summary, family);
    return chart.intervals.size() < 2 ? Optional.empty() : Optional.of(chart.draw(family));
  }

  private CategoryChart draw(String family) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(family + ": what rectification wins back; bars as long as 95% intervals")
            .xAxisTitle("tokens between rectifications")
            .yAxisTitle(steps ? "right steps, %" : "right answers, %")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    double lowest = rows.stream().mapToDouble(row -> figure(row).lower()).min().orElseThrow();
    chart.getStyler().setYAxisMin(Math.min(90, 10 * Math.floor(10 * lowest)));
    chart.getStyler().setYAxisMax(100.0);
    Map<String, List<SummaryRow>> lines =
        rows.stream()
            .filter(row -> !row.setting().isDense())
            .collect(
                Collectors.groupingBy(
                    row -> EvalCharts.kept(summary, row.setting()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    lines.forEach((name, line) -> addLine(chart, name, line));
    rows.stream().filter(row -> row.setting().isDense()).forEach(row -> addDense(chart, row));
    return chart;
  }

  /** None is the longest of all. */
  private static int interval(SummaryRow row) {
    int every = row.setting().config().rectifyEvery();
    return every == 0 ? Integer.MAX_VALUE : every;
  }

  private List<String> labels() {
    return intervals.stream()
        .map(interval -> interval == Integer.MAX_VALUE ? "off" : Integer.toString(interval))
        .toList();
  }

  private Interval figure(SummaryRow row) {
    return steps ? row.steps().orElseThrow() : row.answers();
  }

  private void addLine(CategoryChart chart, String name, List<SummaryRow> line) {
    // Null where a line has no such interval.
    List<Double> y = new ArrayList<>(Collections.nCopies(intervals.size(), null));
    List<Double> bars = new ArrayList<>(Collections.nCopies(intervals.size(), null));
    for (SummaryRow row : line) {
      Interval figure = figure(row);
      int at = intervals.indexOf(interval(row));
      y.set(at, 100 * figure.estimate());
      // The library draws both halves alike.
      bars.set(at, 50 * (figure.upper() - figure.lower()));
    }
    style(chart, chart.addSeries(name, labels(), y, bars));
  }

  private void addDense(CategoryChart chart, SummaryRow row) {
    List<Double> level = Collections.nCopies(intervals.size(), 100 * figure(row).estimate());
    CategorySeries series = chart.addSeries(Setting.DENSE, labels(), level);
    style(chart, series);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineStyle(SeriesLines.DASH_DASH);
  }

  private static void style(CategoryChart chart, CategorySeries series) {
    int index = chart.getSeriesCollection().size() - 1;
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setMarkerColor(ChartStyle.color(index));
    series.setLineColor(ChartStyle.color(index));
  }
}
