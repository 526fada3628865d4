package org.resa4j.report;

import java.awt.BasicStroke;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Lines over places that have names, each figure with its interval as a bar. */
public final class LineChart {
  private LineChart() {}

  /**
   * @param places what stands along the x axis
   * @param lines by name, a figure for each place, in the unit of the y axis; null leaves a gap,
   *     and an interval of no length draws no bar
   */
  public static XYChart of(
      String title,
      String xTitle,
      String yTitle,
      List<String> places,
      Map<String, List<Interval>> lines) {
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
    if (lines.values().stream()
        .flatMap(Collection::stream)
        .filter(Objects::nonNull)
        .noneMatch(figure -> figure.lower() < 0)) {
      chart.getStyler().setYAxisMin(0.0);
    }
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x -> x == Math.rint(x) && x < places.size() ? places.get(x.intValue()) : "");
    int index = 0;
    for (Map.Entry<String, List<Interval>> line : lines.entrySet()) {
      add(chart, line.getKey(), line.getValue(), index++, lines.size());
    }
    return chart;
  }

  private static void add(
      XYChart chart, String name, List<Interval> figures, int index, int count) {
    double[] at = IntStream.range(0, figures.size()).asDoubleStream().toArray();
    double[] values =
        figures.stream().mapToDouble(f -> f == null ? Double.NaN : f.estimate()).toArray();
    XYSeries series = chart.addSeries(name, at, values);
    ChartStyle.line(series, index, count);
    if (index >= ChartStyle.COLORS) {
      series.setLineStyle(SeriesLines.DASH_DASH);
    }
    for (int i = 0; i < figures.size(); i++) {
      Interval figure = figures.get(i);
      if (figure != null && figure.lower() < figure.upper()) {
        // The library's own bars are as long above as below.
        XYSeries bar =
            chart.addSeries(
                name + " at " + i,
                new double[] {i, i},
                new double[] {figure.lower(), figure.upper()});
        bar.setShowInLegend(false);
        bar.setMarker(SeriesMarkers.NONE);
        bar.setLineStyle(new BasicStroke(1));
        bar.setLineColor(ChartStyle.color(index));
      }
    }
  }
}
