package org.resa4j.eval.drift;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.resa4j.report.ChartStyle;
import org.resa4j.report.Interval;
import org.resa4j.report.LineChart;

/** Tables and charts of drift; intervals are bootstrapped over texts. */
final class DriftReport {
  private static final List<String> TENSORS = List.of("K", "V");

  /** Bins of the last 32 tokens. */
  private static final int[] NEAR = IntStream.rangeClosed(0, DriftSums.bin(32)).toArray();

  /** What a line of a table or chart is of. */
  private record Setting(
      DriftRow.State state, double keepRatio, int rectifyEvery, double rectifyKeep) {
    @Override
    public String toString() {
      return switch (state) {
        case SPARSE -> "sparse";
        case BEFORE -> "ReSA %d%s, before".formatted(rectifyEvery, over());
        case AFTER -> "ReSA %d%s, after".formatted(rectifyEvery, over());
      };
    }

    private String over() {
      return rectifyKeep == 1 ? "" : " over " + rectifyKeep;
    }
  }

  private final Map<Setting, List<DriftRow>> settings;
  private final int caches;
  private final int bins;

  /**
   * @param rows at least one
   */
  DriftReport(List<DriftRow> rows) {
    settings =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row ->
                        new Setting(
                            row.state(), row.keepRatio(), row.rectifyEvery(), row.rectifyKeep()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    caches = rows.getFirst().sums().dense()[DriftSums.KEY].length;
    bins =
        1
            + IntStream.range(0, DriftSums.BINS)
                .filter(bin -> rows.stream().anyMatch(row -> sum(row.sums().dense(), bin) > 0))
                .max()
                .orElseThrow();
  }

  private static double sum(double[][][] sums, int bin) {
    return Arrays.stream(sums).flatMap(Arrays::stream).mapToDouble(cache -> cache[bin]).sum();
  }

  /** Relative drift over some layers and distances. */
  private static Interval drift(List<DriftRow> rows, int tensor, int[] layers, int[] bins) {
    double[] off =
        rows.stream().mapToDouble(r -> sum(r.sums().difference()[tensor], layers, bins)).toArray();
    double[] all =
        rows.stream().mapToDouble(r -> sum(r.sums().dense()[tensor], layers, bins)).toArray();
    Interval square = Interval.bootstrapRatio(off, all);
    return new Interval(
        Math.sqrt(square.estimate()), Math.sqrt(square.lower()), Math.sqrt(square.upper()));
  }

  private static double sum(double[][] sums, int[] layers, int[] bins) {
    double sum = 0;
    for (int layer : layers) {
      for (int bin : bins) {
        sum += sums[layer][bin];
      }
    }
    return sum;
  }

  private int[] allLayers() {
    return IntStream.range(0, caches).toArray();
  }

  private int[] allBins() {
    return IntStream.range(0, bins).toArray();
  }

  /** Drift of each setting: over all, then by layer. */
  String markdown() {
    List<String> headings =
        new ArrayList<>(
            List.of("keep", "cache", "texts", "samples", "", "all tokens [95%]", "last 32 [95%]"));
    for (int layer = 0; layer < caches; layer++) {
      headings.add("layer " + layer);
    }
    Table table = new Table(headings.toArray(String[]::new));
    settings.forEach(
        (setting, rows) -> {
          for (int tensor = 0; tensor < TENSORS.size(); tensor++) {
            List<String> cells = new ArrayList<>();
            cells.add(String.valueOf(setting.keepRatio));
            cells.add(setting.toString());
            cells.add(String.valueOf(rows.size()));
            cells.add(String.valueOf(rows.stream().mapToInt(DriftRow::samples).sum()));
            cells.add(TENSORS.get(tensor));
            cells.add(text(drift(rows, tensor, allLayers(), allBins())));
            cells.add(text(drift(rows, tensor, allLayers(), NEAR)));
            for (int layer = 0; layer < caches; layer++) {
              cells.add(
                  String.format(
                      Locale.ROOT,
                      "%.4f",
                      drift(rows, tensor, new int[] {layer}, allBins()).estimate()));
            }
            table.add(cells.toArray(String[]::new));
          }
        });
    return "## Relative drift of K and V from a densely built cache\n\n" + table;
  }

  private static String text(Interval drift) {
    return String.format(
        Locale.ROOT, "%.4f [%.4f, %.4f]", drift.estimate(), drift.lower(), drift.upper());
  }

  /** Draws drift by distance and by layer, for each keep ratio, K and V. */
  List<Path> charts(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    List<String> distances =
        IntStream.range(0, bins)
            .mapToObj(
                bin ->
                    bin < 2
                        ? String.valueOf(1 + bin)
                        : "%d-%d".formatted((1 << (bin - 1)) + 1, 1L << bin))
            .toList();
    List<String> layers = IntStream.range(0, caches).mapToObj(String::valueOf).toList();
    for (double keep : settings.keySet().stream().map(Setting::keepRatio).distinct().toList()) {
      for (int tensor = 0; tensor < TENSORS.size(); tensor++) {
        int of = tensor;
        files.add(
            chart(
                folder,
                "distance",
                "tokens from the last cached one, which is 1",
                keep,
                tensor,
                distances,
                (rows, bin) ->
                    // Not every setting looks as far back as the farthest.
                    rows.stream().allMatch(row -> sum(row.sums().dense(), bin) == 0)
                        ? null
                        : drift(rows, of, allLayers(), new int[] {bin})));
        files.add(
            chart(
                folder,
                "layer",
                "layer",
                keep,
                tensor,
                layers,
                (rows, layer) -> drift(rows, of, new int[] {layer}, allBins())));
      }
    }
    return files;
  }

  private Path chart(
      Path folder,
      String by,
      String xTitle,
      double keep,
      int tensor,
      List<String> places,
      BiFunction<List<DriftRow>, Integer, Interval> figure)
      throws IOException {
    Map<String, List<Interval>> lines = new LinkedHashMap<>();
    settings.forEach(
        (setting, rows) -> {
          if (setting.keepRatio == keep) {
            lines.put(
                setting.toString(),
                IntStream.range(0, places.size())
                    .<Interval>mapToObj(i -> figure.apply(rows, i))
                    .toList());
          }
        });
    return ChartStyle.save(
        LineChart.of(
            "Drift of %s by %s, keep %s".formatted(TENSORS.get(tensor), by, keep),
            xTitle,
            "relative drift from a densely built cache",
            places,
            lines),
        folder,
        "drift %s by %s keep %s".formatted(TENSORS.get(tensor), by, keep));
  }
}
