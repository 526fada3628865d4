package org.resa4j.eval.drift;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.resa4j.attention.ResaConfig;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.eval.drift.ForcedCell.Query;
import org.resa4j.report.ChartStyle;
import org.resa4j.report.Interval;
import org.resa4j.report.LineChart;

/** Tables and charts of teacher-forced rows; intervals are bootstrapped over texts. */
final class ForcedReport {
  private static final ForcedCell DENSE = ForcedCell.onDense(ResaConfig.dense(1));

  /** By cell, in the order measured, then by text. */
  private final Map<ForcedCell, Map<String, ForcedRow>> cells = new LinkedHashMap<>();

  ForcedReport(List<ForcedRow> rows) {
    for (ForcedRow row : rows) {
      cells.computeIfAbsent(row.cell(), none -> new LinkedHashMap<>()).put(row.text(), row);
    }
    if (!cells.containsKey(DENSE)) {
      throw new IllegalArgumentException("no dense predictions to compare with");
    }
  }

  /** Both tables. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("## Loss and agreement with dense decoding\n\n").append(cellTable());
    if (!causes().isEmpty()) {
      text.append("\n## Tokens lost, by cause\n\n").append(causeTable());
    }
    return text.toString();
  }

  private Table cellTable() {
    Table table =
        new Table(
            "cache",
            "query",
            "keep",
            "rectify every",
            "sparse before",
            "texts",
            "tokens",
            "loss, nats [95%]",
            "over dense [95%]",
            "right % [95%]",
            "top-1 as dense % [95%]",
            "dense's in top 3 % [95%]");
    cells.forEach(
        (cell, texts) -> {
          List<ForcedRow> rows = List.copyOf(texts.values());
          table.add(
              cell.cache().name().toLowerCase(Locale.ROOT),
              cell.query().name().toLowerCase(Locale.ROOT),
              cell.keepRatio() == 1 ? "all" : number(cell.keepRatio()),
              cell.rectifyEvery() == 0 ? "" : String.valueOf(cell.rectifyEvery()),
              cell.cache() == Cache.DENSE ? "" : ForcedCell.label(cell.before()),
              String.valueOf(rows.size()),
              String.valueOf(rows.stream().mapToInt(ForcedRow::tokens).sum()),
              nats(mean(rows, ForcedRow::lossSum)),
              nats(overDense(rows)),
              share(rows, ForcedRow::right).percent(),
              share(rows, row -> row.agree(1)).percent(),
              share(rows, row -> row.agree(3)).percent());
        });
    return table;
  }

  /** A ratio as it was given. */
  private static String number(double ratio) {
    return String.valueOf(ratio);
  }

  private static String nats(Interval loss) {
    return String.format(
            Locale.ROOT, "%.4f [%.4f, %.4f]", loss.estimate(), loss.lower(), loss.upper())
        .replace("-0.0000", "0.0000");
  }

  private static Interval mean(List<ForcedRow> rows, ToDoubleFunction<ForcedRow> sum) {
    return Interval.bootstrapRatio(
        rows.stream().mapToDouble(sum).toArray(),
        rows.stream().mapToDouble(ForcedRow::tokens).toArray());
  }

  private Interval overDense(List<ForcedRow> rows) {
    return mean(rows, row -> row.lossSum() - cells.get(DENSE).get(row.text()).lossSum());
  }

  private static Interval share(List<ForcedRow> rows, ToIntFunction<ForcedRow> count) {
    return Interval.bootstrapShare(
        rows.stream().mapToLong(count::applyAsInt).toArray(),
        rows.stream().mapToLong(ForcedRow::tokens).toArray());
  }

  /** Causes by setting of ReSA, then by text, of answers that were decoded sparsely as a whole. */
  private Map<ForcedCell, List<LossCauses>> causes() {
    Map<ForcedCell, List<LossCauses>> causes = new LinkedHashMap<>();
    cells.forEach(
        (cell, texts) -> {
          if (cell.cache() != Cache.RESA
              || cell.query() != Query.SPARSE
              || cell.before() != ForcedCell.ALL) {
            return;
          }
          Map<String, ForcedRow> selecting = of(Cache.DENSE, cell.keepRatio(), 0);
          Map<String, ForcedRow> sparse = of(Cache.SPARSE, cell.keepRatio(), ForcedCell.ALL);
          causes.put(
              cell,
              texts.entrySet().stream()
                  .map(
                      text ->
                          LossCauses.of(
                              cells.get(DENSE).get(text.getKey()),
                              selecting.get(text.getKey()),
                              sparse.get(text.getKey()),
                              text.getValue()))
                  .toList());
        });
    return causes;
  }

  /** Sparse queries on a cache that has no rectification. */
  private Map<String, ForcedRow> of(Cache cache, double keepRatio, int before) {
    return cells.get(new ForcedCell(cache, Query.SPARSE, keepRatio, 0, before));
  }

  private Table causeTable() {
    Table table =
        new Table(
            "keep",
            "rectify every",
            "texts",
            "tokens",
            "right dense",
            "lost sparse",
            "% [95%]",
            "to selection",
            "mended",
            "to drift",
            "mended",
            "newly lost: selection, drift",
            "lost with ReSA",
            "% [95%]");
    causes()
        .forEach(
            (cell, texts) -> {
              LossCauses sum = texts.stream().reduce(LossCauses.NONE, LossCauses::plus);
              table.add(
                  number(cell.keepRatio()),
                  String.valueOf(cell.rectifyEvery()),
                  String.valueOf(texts.size()),
                  String.valueOf(sum.scored()),
                  String.valueOf(sum.denseRight()),
                  String.valueOf(sum.lost()),
                  lost(texts, sum, LossCauses::lost),
                  String.valueOf(sum.selection()),
                  String.valueOf(sum.selectionMended()),
                  String.valueOf(sum.drift()),
                  String.valueOf(sum.driftMended()),
                  sum.newSelection() + ", " + sum.newDrift(),
                  String.valueOf(sum.resaLost()),
                  lost(texts, sum, LossCauses::resaLost));
            });
    return table;
  }

  private static String lost(
      List<LossCauses> texts, LossCauses sum, ToIntFunction<LossCauses> count) {
    return sum.denseRight() == 0
        ? "-"
        : Interval.bootstrapShare(
                texts.stream().mapToLong(count::applyAsInt).toArray(),
                texts.stream().mapToLong(LossCauses::denseRight).toArray())
            .percent();
  }

  /** Draws all charts into a folder. */
  List<Path> charts(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Set<Double> ratios = new LinkedHashSet<>();
    // Where no text had as many tokens before, there is nothing to draw a line through.
    cells.keySet().stream()
        .filter(cell -> cell.keepRatio() < 1 && !places().isEmpty())
        .forEach(cell -> ratios.add(cell.keepRatio()));
    for (double ratio : ratios) {
      files.add(lines(folder, ratio, "loss", "loss over dense, nats per token", this::overDense));
      files.add(
          lines(
              folder,
              ratio,
              "top-1",
              "top-1 as dense, % of tokens",
              rows -> share(rows, row -> row.agree(1)).times(100)));
      files.add(
          lines(
              folder,
              ratio,
              "top-3",
              "dense's choice in the top 3, % of tokens",
              rows -> share(rows, row -> row.agree(3)).times(100)));
    }
    if (!causes().isEmpty()) {
      files.add(causeChart(folder));
    }
    return files;
  }

  private Path lines(
      Path folder,
      double ratio,
      String name,
      String yTitle,
      Function<List<ForcedRow>, Interval> figure)
      throws IOException {
    List<Integer> places = places();
    Map<String, List<Interval>> lines = new LinkedHashMap<>();
    cells.forEach(
        (cell, texts) -> {
          if (cell.keepRatio() != ratio) {
            return;
          }
          Interval value = figure.apply(List.copyOf(texts.values()));
          List<Interval> line =
              lines.computeIfAbsent(
                  line(cell), none -> new ArrayList<>(Collections.nCopies(places.size(), null)));
          if (cell.cache() == Cache.DENSE) {
            line.replaceAll(x -> value);
          } else {
            line.set(places.indexOf(cell.before()), value);
          }
        });
    return ChartStyle.save(
        LineChart.of(
            "Teacher-forced, keep %s: what is cached, and what the query reads"
                .formatted(number(ratio)),
            "tokens decoded as the cache says before the scored ones",
            yTitle,
            places.stream().map(ForcedCell::label).toList(),
            lines),
        folder,
        "forced %s keep %s".formatted(name, ratio));
  }

  /** All numbers of tokens before that were measured, all of them last. */
  private List<Integer> places() {
    TreeSet<Integer> places = new TreeSet<>((a, b) -> Integer.compareUnsigned(a, b));
    cells.keySet().stream()
        .filter(cell -> cell.cache() != Cache.DENSE)
        .forEach(cell -> places.add(cell.before()));
    return List.copyOf(places);
  }

  private static String line(ForcedCell cell) {
    String cache =
        cell.cache() == Cache.RESA
            ? "ReSA " + cell.rectifyEvery()
            : cell.cache().name().toLowerCase(Locale.ROOT);
    return "%s cache, %s query".formatted(cache, cell.query().name().toLowerCase(Locale.ROOT));
  }

  private Path causeChart(Path folder) throws IOException {
    List<String> bars = new ArrayList<>();
    List<Double> selection = new ArrayList<>();
    List<Double> drift = new ArrayList<>();
    Set<Double> ratios = new LinkedHashSet<>();
    causes()
        .forEach(
            (cell, texts) -> {
              LossCauses sum = texts.stream().reduce(LossCauses.NONE, LossCauses::plus);
              double percent = 100.0 / Math.max(1, sum.denseRight());
              if (ratios.add(cell.keepRatio())) {
                bars.add("keep %s, sparse".formatted(number(cell.keepRatio())));
                selection.add(percent * sum.selection());
                drift.add(percent * sum.drift());
              }
              bars.add("keep %s, ReSA %d".formatted(number(cell.keepRatio()), cell.rectifyEvery()));
              selection.add(percent * sum.resaSelection());
              drift.add(percent * sum.resaDrift());
            });
    Map<String, List<Double>> stacks = new LinkedHashMap<>();
    stacks.put("selection: wrong on a dense cache too", selection);
    stacks.put("drift: right on a dense cache", drift);
    return ChartStyle.save(
        StackChart.of("Tokens lost, by cause", "lost, % of tokens right under dense", bars, stacks),
        folder,
        "forced causes");
  }
}
