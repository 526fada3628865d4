package org.resa4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

class LineChartTest {
  @Test
  void barsEndWhereIntervalsDoAndGapsStay() {
    Map<String, List<Interval>> lines = new LinkedHashMap<>();
    lines.put("dense", List.of(new Interval(1, 1, 1), new Interval(1, 1, 1)));
    lines.put("sparse", Arrays.asList(null, new Interval(0.9, 0.5, 0.95)));
    XYChart chart = LineChart.of("title", "x", "y", List.of("16", "off"), lines);

    List<XYSeries> named =
        chart.getSeriesCollection().stream().filter(XYSeries::isShowInLegend).toList();
    assertThat(named).extracting(XYSeries::getName).containsExactly("dense", "sparse");
    assertThat(named.get(1).getYData()).containsExactly(Double.NaN, 0.9);
    // Drawn first, so thicker: where both are 1, both are seen.
    assertThat(named.get(0).getLineStyle().getLineWidth())
        .isGreaterThan(named.get(1).getLineStyle().getLineWidth());

    List<XYSeries> bars =
        chart.getSeriesCollection().stream().filter(series -> !series.isShowInLegend()).toList();
    assertThat(bars).hasSize(1);
    assertThat(bars.getFirst().getXData()).containsExactly(1, 1);
    assertThat(bars.getFirst().getYData()).containsExactly(0.5, 0.95);
    assertThat(bars.getFirst().getLineColor()).isEqualTo(named.get(1).getLineColor());
    assertThat(chart.getStyler().getXAxisTickLabelsFormattingFunction().apply(1.0))
        .isEqualTo("off");
  }
}
