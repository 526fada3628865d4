package org.resa4j.eval.drift;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.report.ChartStyle;
import org.resa4j.report.Interval;
import org.resa4j.report.LineChart;

/**
 * Tables and charts of the selection's recall, for steps that are right and for steps that are
 * lost: right under dense and wrong under the setting. Intervals are bootstrapped over texts.
 */
final class RecallReport {
  private static final Map<String, Predicate<RecallRow>> STEPS = new LinkedHashMap<>();
  private static final Map<String, ToDoubleFunction<BlockRecall>> FIGURES = new LinkedHashMap<>();

  static {
    STEPS.put("right", RecallRow::right);
    STEPS.put("lost", RecallRow::isLost);
    FIGURES.put("recall of the true top blocks", BlockRecall::recall);
    FIGURES.put("mass covered", BlockRecall::covered);
    FIGURES.put("mass of the best as many", BlockRecall::best);
  }

  /** What a line of a table or chart is of. */
  private record Setting(Cache cache, double keepRatio) {}

  private final Map<Setting, List<RecallRow>> settings;
  private final int layers;

  /**
   * @param rows at least one
   */
  RecallReport(List<RecallRow> rows) {
    settings =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> new Setting(row.cache(), row.keepRatio()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    layers = rows.getFirst().heads().size();
  }

  /** A figure's mean over the KV heads of some layers and over steps; a text is a cluster. */
  private static Interval mean(
      List<RecallRow> rows, int[] layers, ToDoubleFunction<BlockRecall> figure) {
    Map<String, double[]> texts = new LinkedHashMap<>();
    for (RecallRow row : rows) {
      double[] sums = texts.computeIfAbsent(row.text(), none -> new double[2]);
      for (int layer : layers) {
        for (BlockRecall head : row.heads().get(layer)) {
          sums[0] += figure.applyAsDouble(head);
          sums[1]++;
        }
      }
    }
    return Interval.bootstrapRatio(
        texts.values().stream().mapToDouble(sums -> sums[0]).toArray(),
        texts.values().stream().mapToDouble(sums -> sums[1]).toArray());
  }

  /** The figures of each setting and kind of step: over all layers, then by layer. */
  String markdown() {
    List<String> headings =
        new ArrayList<>(List.of("keep", "cache", "steps", "count", "%", "all [95%]"));
    IntStream.range(0, layers).forEach(layer -> headings.add("layer " + layer));
    Table table = new Table(headings.toArray(String[]::new));
    settings.forEach(
        (setting, all) ->
            STEPS.forEach(
                (kind, isKind) -> {
                  List<RecallRow> rows = all.stream().filter(isKind).toList();
                  if (!rows.isEmpty()) {
                    FIGURES.forEach(
                        (name, figure) ->
                            table.add(
                                cells(setting, kind, rows, name, figure).toArray(String[]::new)));
                  }
                }));
    return "## What the selection finds\n\n" + table;
  }

  private List<String> cells(
      Setting setting,
      String kind,
      List<RecallRow> rows,
      String name,
      ToDoubleFunction<BlockRecall> figure) {
    List<String> cells = new ArrayList<>();
    cells.add(String.valueOf(setting.keepRatio));
    cells.add(setting.cache.name().toLowerCase(Locale.ROOT));
    cells.add(kind);
    cells.add(String.valueOf(rows.size()));
    cells.add(name);
    cells.add(mean(rows, IntStream.range(0, layers).toArray(), figure).percent());
    for (int layer = 0; layer < layers; layer++) {
      cells.add(
          String.format(
              Locale.ROOT, "%.1f", 100 * mean(rows, new int[] {layer}, figure).estimate()));
    }
    return cells;
  }

  /** Draws each setting's figures by layer. */
  List<Path> charts(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Map.Entry<Setting, List<RecallRow>> entry : settings.entrySet()) {
      Map<String, List<Interval>> lines = new LinkedHashMap<>();
      STEPS.forEach(
          (kind, isKind) -> {
            List<RecallRow> rows = entry.getValue().stream().filter(isKind).toList();
            if (!rows.isEmpty()) {
              FIGURES.forEach(
                  (name, figure) ->
                      lines.put(
                          "%s, %s steps".formatted(name, kind),
                          IntStream.range(0, layers)
                              .mapToObj(layer -> mean(rows, new int[] {layer}, figure).times(100))
                              .toList()));
            }
          });
      String cache = entry.getKey().cache.name().toLowerCase(Locale.ROOT);
      files.add(
          ChartStyle.save(
              LineChart.of(
                  "What the selection finds in a %s cache, keep %s"
                      .formatted(cache, entry.getKey().keepRatio),
                  "layer",
                  "%",
                  IntStream.range(0, layers).mapToObj(String::valueOf).toList(),
                  lines),
              folder,
              "recall %s keep %s".formatted(cache, entry.getKey().keepRatio)));
    }
    return files;
  }
}
