package org.resa4j.bench.drift;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.resa4j.bench.report.ChartStyle;

/** Lines over places that have names. */
final class LineChart {
  private LineChart() {}

  /**
   * @param places what stands along the x axis
   * @param lines by name, a value for each place; NaN leaves a gap
   */
  static XYChart of(
      String title,
      String xTitle,
      String yTitle,
      List<String> places,
      Map<String, List<Double>> lines) {
    XYChart chart =
        new XYChartBuilder()
            .width(ChartStyle.WIDTH)
            .height(ChartStyle.HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    ChartStyle.apply(chart.getStyler());
    chart.getStyler().setYAxisDecimalPattern("0.#####");
    int letters = lines.keySet().stream().mapToInt(String::length).sum();
    chart
        .getStyler()
        .setLegendLayout(letters > 100 ? LegendLayout.Vertical : LegendLayout.Horizontal);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(Math.max(1.0, places.size() - 1.0));
    if (lines.values().stream().flatMap(Collection::stream).noneMatch(y -> y < 0)) {
      chart.getStyler().setYAxisMin(0.0);
    }
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x -> x == Math.rint(x) && x < places.size() ? places.get(x.intValue()) : "");
    double[] at = IntStream.range(0, places.size()).asDoubleStream().toArray();
    int index = 0;
    for (Map.Entry<String, List<Double>> line : lines.entrySet()) {
      double[] values = line.getValue().stream().mapToDouble(Double::doubleValue).toArray();
      XYSeries series = chart.addSeries(line.getKey(), at, values);
      series.setMarker(SeriesMarkers.CIRCLE);
      series.setMarkerColor(ChartStyle.color(index));
      series.setLineColor(ChartStyle.color(index));
      if (index >= ChartStyle.COLORS) {
        series.setLineStyle(SeriesLines.DASH_DASH);
      }
      index++;
    }
    return chart;
  }
}
