package org.resa4j.eval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.knowm.xchart.internal.chartpart.IChart;
import org.resa4j.attention.ResaConfig;
import org.resa4j.report.ChartStyle;

/** Draws every chart that an evaluation gives. */
final class EvalCharts {
  private EvalCharts() {}

  /** Draws into a folder; needs no screen. Returns the files. */
  static List<Path> draw(Summary summary, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, IChart> chart : charts(summary).entrySet()) {
      files.add(ChartStyle.save(chart.getValue(), folder, chart.getKey()));
    }
    return files;
  }

  private static Map<String, IChart> charts(Summary summary) {
    Map<String, IChart> charts = new LinkedHashMap<>();
    Map<String, List<Setting>> groups = byKept(summary);
    for (String family : summary.families()) {
      groups.forEach(
          (name, settings) ->
              PositionChart.of(summary, family, settings)
                  .ifPresent(chart -> charts.put("position " + family + " " + name, chart)));
      RectifyChart.of(summary, family)
          .ifPresent(chart -> charts.put("rectify-every " + family, chart));
    }
    groups.forEach(
        (name, settings) ->
            FamilyChart.of(summary, settings)
                .ifPresent(chart -> charts.put("families " + name, chart)));
    return charts;
  }

  /** Settings that a chart can hold: dense, and those that differ in rectification alone. */
  private static Map<String, List<Setting>> byKept(Summary summary) {
    List<Setting> dense = summary.settings().stream().filter(Setting::isDense).toList();
    Map<String, List<Setting>> groups =
        summary.settings().stream()
            .filter(setting -> !setting.isDense())
            .collect(
                Collectors.groupingBy(
                    setting -> kept(summary, setting), LinkedHashMap::new, Collectors.toList()));
    groups.replaceAll((name, sparse) -> Stream.concat(dense.stream(), sparse.stream()).toList());
    return groups.isEmpty() && !dense.isEmpty() ? Map.of(Setting.DENSE, dense) : groups;
  }

  /** What a setting keeps, in words: its label without rectification. */
  static String kept(Summary summary, Setting setting) {
    ResaConfig sparse = setting.config().withRectifyEvery(0);
    Setting unrectified = new Setting(sparse);
    return summary.label(setting).equals(setting.name())
        ? unrectified.name().replaceFirst("sparse ", "")
        : unrectified.shortName().replaceFirst("sparse ", "");
  }
}
