package org.resa4j.bench.report;

import static org.resa4j.bench.report.AttentionStage.ATTEND;
import static org.resa4j.bench.report.AttentionStage.DENSE_STEP;
import static org.resa4j.bench.report.AttentionStage.ESTIMATE;
import static org.resa4j.bench.report.AttentionStage.RECTIFY;
import static org.resa4j.bench.report.AttentionStage.SELECT;
import static org.resa4j.bench.report.AttentionStage.SPARSE_STEP;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.resa4j.report.ChartStyle;

/**
 * Stacked stages by context, dense beside ReSA, as in figure 6 of the paper; relative to the dense
 * step, so that short and long contexts can be read in one chart.
 */
final class StageChart {
  private static final String OTHER = "append, other";

  private StageChart() {}

  /**
   * @param rows of one target, shape and batch
   * @return empty where no context has both a dense and a sparse step
   */
  static Optional<CategoryChart> of(List<Row> rows) {
    Map<Integer, Map<String, Row>> contexts = new LinkedHashMap<>();
    for (Row row : rows) {
      contexts
          .computeIfAbsent(row.work().context(), none -> new LinkedHashMap<>())
          .put(row.stage(), row);
    }
    contexts
        .values()
        .removeIf(stages -> !stages.keySet().containsAll(List.of(DENSE_STEP, SPARSE_STEP)));
    if (contexts.isEmpty()) {
      return Optional.empty();
    }
    List<String> labels = new ArrayList<>();
    Map<String, List<Double>> stacks = new LinkedHashMap<>();
    for (String name : List.of("dense", ESTIMATE, SELECT, ATTEND, OTHER, RECTIFY)) {
      stacks.put(name, new ArrayList<>());
    }
    contexts.forEach(
        (context, stages) -> {
          double dense = millis(stages, DENSE_STEP);
          double parts = millis(stages, ESTIMATE) + millis(stages, SELECT) + millis(stages, ATTEND);
          double other = Math.max(0, millis(stages, SPARSE_STEP) - parts);
          double rectify = millis(stages, RECTIFY);
          labels.add(label(context, "dense", dense));
          labels.add(label(context, "ReSA", parts + other + rectify));
          stacks.forEach(
              (name, values) -> {
                double bar =
                    switch (name) {
                      case "dense" -> 0;
                      case OTHER -> other;
                      default -> millis(stages, name);
                    };
                values.add(name.equals("dense") ? 100.0 : 0);
                values.add(100 * bar / dense);
              });
        });
    return Optional.of(chart(rows.getFirst(), labels, stacks));
  }

  private static CategoryChart chart(
      Row first, List<String> labels, Map<String, List<Double>> stacks) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(
                "One step on %s (%s, %s), %s, batch %d"
                    .formatted(
                        first.target().deviceName(),
                        first.target().label(),
                        first.target().kvType().name().toLowerCase(Locale.ROOT),
                        first.work().shapeLabel(),
                        first.work().batch()))
            .xAxisTitle(
                "tokens cached, and the step's "
                    + (first.device().isPresent() ? "device time" : "wall time"))
            .yAxisTitle("one layer's attention, % of own dense step")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setStacked(true);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setAvailableSpaceFill(0.8);
    chart.getStyler().setYAxisDecimalPattern("0");
    int index = 0;
    for (Map.Entry<String, List<Double>> stack : stacks.entrySet()) {
      CategorySeries series = chart.addSeries(stack.getKey(), labels, stack.getValue());
      // Dense is no stage: grey.
      series.setFillColor(ChartStyle.color(index == 0 ? 7 : index - 1));
      index++;
    }
    return chart;
  }

  private static String label(int context, String what, double millis) {
    return String.format(Locale.ROOT, "%s %s, %.3g ms", Workload.tokens(context), what, millis);
  }

  private static double millis(Map<String, Row> stages, String name) {
    return stages.containsKey(name) ? stages.get(name).time().median() : 0;
  }
}
