package org.resa4j.bench.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.knowm.xchart.internal.chartpart.IChart;
import org.resa4j.report.ChartStyle;

/** Draws every chart that a set of rows gives. */
final class Charts {
  private Charts() {}

  /** Removes the charts of an earlier run. */
  static void clear(Path folder) throws IOException {
    try (DirectoryStream<Path> old =
        Files.newDirectoryStream(folder, "{speed-up,devices,stages}-*.png")) {
      for (Path chart : old) {
        Files.delete(chart);
      }
    }
  }

  /** Draws into a folder; needs no screen. Returns the files. */
  static List<Path> draw(List<Row> rows, Path folder) throws IOException {
    Map<String, IChart> charts = new LinkedHashMap<>();
    grouped(rows, row -> "speed-up %s b%d".formatted(row.benchmark(), row.work().batch()))
        .forEach((name, group) -> SpeedUpChart.of(group, rows).ifPresent(c -> charts.put(name, c)));
    grouped(rows, row -> "devices %s %s".formatted(row.benchmark(), subject(row)))
        .forEach((name, group) -> DeviceChart.of(group, rows).ifPresent(c -> charts.put(name, c)));
    grouped(
            rows,
            row ->
                "stages %s %s %s"
                    .formatted(Machines.label(row, rows), row.target().kvLabel(), subject(row)))
        .forEach((name, group) -> StageChart.of(group, rows).ifPresent(c -> charts.put(name, c)));
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, IChart> chart : charts.entrySet()) {
      files.add(ChartStyle.save(chart.getValue(), folder, chart.getKey()));
    }
    return files;
  }

  private static String subject(Row row) {
    return "%s b%d".formatted(row.work().shapeLabel(), row.work().batch());
  }

  private static Map<String, List<Row>> grouped(List<Row> rows, Function<Row, String> by) {
    return rows.stream()
        .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
  }
}
