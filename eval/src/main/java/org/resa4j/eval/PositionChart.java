package org.resa4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.resa4j.eval.check.Steps;
import org.resa4j.report.ChartStyle;

/** Share of right steps by place in the answer: a line for each setting. */
final class PositionChart {
  private static final int BINS = 16;

  private PositionChart() {}

  /**
   * @return empty where the family's texts have no steps
   */
  static Optional<XYChart> of(Summary summary, String family, List<Setting> settings) {
    int longest =
        summary.outcomes().stream()
            .filter(outcome -> outcome.family().equals(family))
            .flatMap(outcome -> outcome.verdict().steps().stream())
            .mapToInt(steps -> steps.places()[steps.count() - 1] + 1)
            .max()
            .orElse(0);
    if (longest == 0) {
      return Optional.empty();
    }
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(family + ": right steps by place in the answer")
            .xAxisTitle("words of the answer before")
            .yAxisTitle("right steps, %")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisMax(100.0);
    chart.getStyler().setXAxisMin(0.0);
    // Names of settings are long: below the chart they would not fit beside one another.
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    int index = 0;
    for (Setting setting : settings) {
      addLine(chart, summary, family, setting, longest, index++, settings.size());
    }
    double lowest =
        chart.getSeriesCollection().stream().mapToDouble(XYSeries::getYMin).min().orElse(0);
    chart.getStyler().setYAxisMin(Math.min(90, 10 * Math.floor(lowest / 10)));
    return Optional.of(chart);
  }

  private static void addLine(
      XYChart chart,
      Summary summary,
      String family,
      Setting setting,
      int longest,
      int index,
      int count) {
    long[] all = new long[BINS];
    long[] right = new long[BINS];
    summary.outcomes().stream()
        .filter(outcome -> outcome.family().equals(family))
        .filter(outcome -> outcome.setting().equals(setting.name()))
        .flatMap(outcome -> outcome.verdict().steps().stream())
        .forEach(steps -> count(steps, longest, all, right));
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int bin = 0; bin < BINS; bin++) {
      if (all[bin] > 0) {
        x.add((bin + 0.5) * longest / BINS);
        y.add(100.0 * right[bin] / all[bin]);
      }
    }
    if (!x.isEmpty()) {
      ChartStyle.line(chart.addSeries(summary.label(setting), x, y), index, count);
    }
  }

  private static void count(Steps steps, int longest, long[] all, long[] right) {
    for (int i = 0; i < steps.count(); i++) {
      int bin = (int) ((long) steps.places()[i] * BINS / longest);
      all[bin]++;
      right[bin] += steps.right()[i] ? 1 : 0;
    }
  }
}
