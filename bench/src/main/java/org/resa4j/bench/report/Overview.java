package org.resa4j.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens a second of whole models: a line for each device, model, batch and context, in it dense
 * decoding, ReSA, what {@code --sparse-from auto} takes of the two, and exact mode side by side.
 */
final class Overview {
  private static final List<String> HEADINGS =
      List.of("on", "KV", "model", "batch", "context", "dense", "ReSA", "auto", "exact");

  private static final List<String> MODES = List.of("dense", "ReSA", "auto", "exact");

  private record Place(List<String> cells, String run) {}

  private Overview() {}

  /** Headings, then lines; modes that were not measured are left out. Empty without any line. */
  static List<List<String>> of(List<Row> rows) {
    Map<Place, Map<String, Row>> lines = new LinkedHashMap<>();
    for (Row row : rows) {
      Optional<String> mode =
          MODES.stream().filter(each -> row.stage().startsWith(each + " tg")).findFirst();
      if (mode.isPresent() && row.tokens().isPresent()) {
        // Of two runs each has its line.
        String run = row.provenance().map(Provenance::run).orElse("");
        lines
            .computeIfAbsent(new Place(place(row, rows), run), none -> new LinkedHashMap<>())
            .put(mode.get(), row);
      }
    }
    List<List<String>> cells = new ArrayList<>();
    lines.forEach(
        (place, modes) -> {
          List<String> line = new ArrayList<>(place.cells);
          for (String mode : MODES) {
            line.add(Optional.ofNullable(modes.get(mode)).map(row -> cell(row, rows)).orElse(""));
          }
          cells.add(line);
        });
    if (!cells.isEmpty()) {
      cells.addFirst(new ArrayList<>(HEADINGS));
    }
    for (int column = HEADINGS.size() - 1; column >= HEADINGS.size() - MODES.size(); column--) {
      int at = column;
      if (cells.stream().skip(1).allMatch(line -> line.get(at).isEmpty())) {
        cells.forEach(line -> line.remove(at));
      }
    }
    return cells;
  }

  private static List<String> place(Row row, List<Row> rows) {
    Target target = row.target();
    String label = Machines.label(row, rows);
    // The JVM's own name says nothing that its label does not.
    String on = target.engine().equals("jvm") ? label : label + ", " + target.deviceName();
    return List.of(
        on,
        target.kvType().name().toLowerCase(Locale.ROOT),
        row.work().name(),
        String.valueOf(row.work().batch()),
        row.work().contextLabel());
  }

  /** {@code 692 (1.56)}; of noisy rows no ratio. */
  private static String cell(Row row, List<Row> rows) {
    double rate = row.tokensPerSecond().orElseThrow();
    String tokens = String.format(Locale.ROOT, rate < 100 ? "%.1f" : "%,.0f", rate);
    String marked = row.isNoisy() ? "~" + tokens : tokens;
    return SpeedUp.overOwnDense(row, rows)
        .map(
            ratio ->
                ratio.isNoisy()
                    ? marked + " (noisy)"
                    : String.format(Locale.ROOT, "%s (%.2f)", marked, ratio.ratio().estimate()))
        .orElse(marked);
  }
}
