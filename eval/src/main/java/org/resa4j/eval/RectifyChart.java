package org.resa4j.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.XYChart;
import org.resa4j.report.Interval;
import org.resa4j.report.LineChart;

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
    // An interval that follows drift has no place on the axis, and exact mode has none.
    rows =
        summary.rows().stream()
            .filter(row -> row.family().equals(family))
            .filter(row -> row.setting().config().driftTarget().isEmpty())
            .filter(row -> !row.setting().isExact())
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
  static Optional<XYChart> of(Summary summary, String family) {
    RectifyChart chart = new RectifyChart(summary, family);
    return chart.intervals.size() < 2 ? Optional.empty() : Optional.of(chart.draw(family));
  }

  private XYChart draw(String family) {
    Map<String, List<Interval>> lines = new LinkedHashMap<>();
    for (SummaryRow row : rows) {
      if (row.setting().isDense()) {
        lines.put(Setting.DENSE, Collections.nCopies(intervals.size(), level(row)));
      } else {
        lines
            .computeIfAbsent(
                EvalCharts.kept(summary, row.setting()),
                // Null where a line has no such interval.
                none -> new ArrayList<>(Collections.nCopies(intervals.size(), null)))
            .set(intervals.indexOf(interval(row)), figure(row));
      }
    }
    XYChart chart =
        LineChart.of(
            family + ": what rectification wins back, with 95% intervals",
            "tokens between rectifications",
            steps ? "right steps, %" : "right answers, %",
            labels(),
            lines);
    double lowest = rows.stream().mapToDouble(row -> figure(row).lower()).min().orElseThrow();
    chart.getStyler().setYAxisMin(Math.min(90, 10 * Math.floor(lowest / 10)));
    chart.getStyler().setYAxisMax(100.0);
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
    return (steps ? row.steps().orElseThrow() : row.answers()).times(100);
  }

  /** Dense decoding's figure alone: its interval at every place would be one too often. */
  private Interval level(SummaryRow row) {
    double estimate = figure(row).estimate();
    return new Interval(estimate, estimate, estimate);
  }
}
