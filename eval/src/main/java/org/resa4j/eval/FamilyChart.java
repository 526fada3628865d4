package org.resa4j.eval;

import java.util.List;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.resa4j.report.ChartStyle;

/** Mean score by family of tasks: a bar for each setting. */
final class FamilyChart {
  private FamilyChart() {}

  /**
   * @return empty where there is one family only
   */
  static Optional<CategoryChart> of(Summary summary, List<Setting> settings) {
    List<String> families = summary.families();
    if (families.size() < 2) {
      return Optional.empty();
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title("Score by kind of task")
            .yAxisTitle("mean score, %")
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(100.0);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    int index = 0;
    for (Setting setting : settings) {
      List<Double> scores =
          families.stream().map(family -> score(summary, family, setting)).toList();
      CategorySeries series = chart.addSeries(summary.label(setting), families, scores);
      series.setFillColor(ChartStyle.color(index++));
    }
    return Optional.of(chart);
  }

  /** 0 where the family was not run under the setting, which draws no bar. */
  private static double score(Summary summary, String family, Setting setting) {
    return summary.rows().stream()
        .filter(row -> row.family().equals(family) && row.setting().equals(setting))
        .mapToDouble(row -> 100 * row.score().estimate())
        .findFirst()
        .orElse(0);
  }
}
