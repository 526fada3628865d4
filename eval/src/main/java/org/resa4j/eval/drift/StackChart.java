package org.resa4j.eval.drift;

import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.resa4j.report.ChartStyle;

/** Stacked bars. */
final class StackChart {
  private StackChart() {}

  /**
   * @param bars names along the x axis
   * @param stacks by name, from the bottom, a value for each bar
   */
  static CategoryChart of(
      String title, String yTitle, List<String> bars, Map<String, List<Double>> stacks) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(title)
            .yAxisTitle(yTitle)
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setStacked(true);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setAvailableSpaceFill(0.8);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisDecimalPattern("0.##");
    int index = 0;
    for (Map.Entry<String, List<Double>> stack : stacks.entrySet()) {
      chart
          .addSeries(stack.getKey(), bars, stack.getValue())
          .setFillColor(ChartStyle.color(index++));
    }
    return chart;
  }
}
