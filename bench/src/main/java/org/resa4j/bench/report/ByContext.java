package org.resa4j.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.resa4j.report.Interval;
import org.resa4j.report.LineChart;

/** Lines over the length of the context. */
final class ByContext {
  private ByContext() {}

  /**
   * @param lines by name and context; at least one figure
   * @param note stands below; may be empty
   */
  static XYChart chart(
      String title, String yTitle, Map<String, Map<Integer, Interval>> lines, String note) {
    TreeSet<Integer> contexts = new TreeSet<>();
    lines.values().forEach(line -> contexts.addAll(line.keySet()));
    Map<String, List<Interval>> figures = new LinkedHashMap<>();
    lines.forEach(
        (name, line) -> {
          List<Interval> along = new ArrayList<>();
          contexts.forEach(context -> along.add(line.get(context)));
          figures.put(name, along);
        });
    XYChart chart =
        LineChart.of(
            title,
            "tokens cached" + (note.isEmpty() ? "" : " (" + note + ")"),
            yTitle,
            contexts.stream().map(Workload::tokens).toList(),
            figures);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    return chart;
  }

  /** Says how many of the rows are noisy; empty where none is. */
  static String noisy(long noisy, long all, String what) {
    return noisy == 0 ? "" : "noisy, so %s: %d of %d".formatted(what, noisy, all);
  }
}
