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
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
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
   * @param all of the report
   * @return empty where no context has both a dense and a sparse step that are not noisy
   */
  static Optional<CategoryChart> of(List<Row> rows, List<Row> all) {
    Map<Integer, Map<String, Row>> contexts = new LinkedHashMap<>();
    for (Row row : rows) {
      contexts
          .computeIfAbsent(row.work().context(), none -> new LinkedHashMap<>())
          .put(row.stage(), row);
    }
    contexts
        .values()
        .removeIf(stages -> !stages.keySet().containsAll(List.of(DENSE_STEP, SPARSE_STEP)));
    int measured = contexts.size();
    contexts
        .values()
        .removeIf(stages -> stages.get(DENSE_STEP).isNoisy() || stages.get(SPARSE_STEP).isNoisy());
    if (contexts.isEmpty()) {
      return Optional.empty();
    }
    String note = ByContext.noisy(measured - contexts.size(), measured, "left out");
    // All of one clock: of the device, where it has one, else of the wall.
    boolean onDevice = contexts.values().stream().allMatch(StageChart::isOnDevice);
    List<String> labels = new ArrayList<>();
    Map<String, List<Double>> stacks = new LinkedHashMap<>();
    for (String name : List.of("dense", ESTIMATE, SELECT, ATTEND, OTHER, RECTIFY)) {
      stacks.put(name, new ArrayList<>());
    }
    contexts.forEach(
        (context, stages) -> {
          ToDoubleFunction<String> millis = name -> millis(stages, name, onDevice);
          double dense = millis.applyAsDouble(DENSE_STEP);
          double parts = Stream.of(ESTIMATE, SELECT, ATTEND).mapToDouble(millis).sum();
          double other = Math.max(0, millis.applyAsDouble(SPARSE_STEP) - parts);
          double rectify = millis.applyAsDouble(RECTIFY);
          labels.add(label(context, "dense", dense, isNoisy(stages, DENSE_STEP, onDevice)));
          labels.add(
              label(
                  context,
                  "ReSA",
                  parts + other + rectify,
                  isNoisy(stages, SPARSE_STEP, onDevice) || isNoisy(stages, RECTIFY, onDevice)));
          stacks.forEach(
              (name, values) -> {
                double bar =
                    switch (name) {
                      case "dense" -> 0;
                      case OTHER -> other;
                      default -> millis.applyAsDouble(name);
                    };
                values.add(name.equals("dense") ? 100.0 : 0);
                values.add(100 * bar / dense);
              });
        });
    return Optional.of(
        chart(
            rows.getFirst(), Machines.label(rows.getFirst(), all), onDevice, note, labels, stacks));
  }

  private static boolean isOnDevice(Map<String, Row> stages) {
    return Stream.of(DENSE_STEP, ESTIMATE, SELECT, ATTEND, SPARSE_STEP, RECTIFY)
        .filter(stages::containsKey)
        .allMatch(name -> stages.get(name).device().isPresent());
  }

  private static CategoryChart chart(
      Row first,
      String label,
      boolean onDevice,
      String note,
      List<String> labels,
      Map<String, List<Double>> stacks) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(
                "One step on %s (%s, %s), %s, batch %d"
                    .formatted(
                        first.target().deviceName(),
                        label,
                        first.target().kvType().name().toLowerCase(Locale.ROOT),
                        first.work().shapeLabel(),
                        first.work().batch()))
            .xAxisTitle(
                "tokens cached, and the step's "
                    + (onDevice ? "device time" : "wall time")
                    + (note.isEmpty() ? "" : " (" + note + ")"))
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

  private static String label(int context, String what, double millis, boolean isNoisy) {
    return String.format(
        Locale.ROOT,
        "%s %s, %.3g ms%s",
        Workload.tokens(context),
        what,
        millis,
        isNoisy ? ", noisy" : "");
  }

  private static boolean isNoisy(Map<String, Row> stages, String name, boolean onDevice) {
    return time(stages, name, onDevice).map(Spread::isNoisy).orElse(false);
  }

  private static double millis(Map<String, Row> stages, String name, boolean onDevice) {
    return time(stages, name, onDevice).map(Spread::median).orElse(0.0);
  }

  private static Optional<Spread> time(Map<String, Row> stages, String name, boolean onDevice) {
    return Optional.ofNullable(stages.get(name))
        .flatMap(row -> onDevice ? row.device() : row.wall());
  }
}
