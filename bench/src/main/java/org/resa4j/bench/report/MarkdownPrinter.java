package org.resa4j.bench.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.resa4j.attention.ResaConfig;

/** A table as llama-bench prints it, and below it the devices. */
final class MarkdownPrinter implements RowPrinter {
  /** A column: its heading, and its width on a screen, negative where the left edge counts. */
  private record Column(String heading, int width) {}

  private static final String NOISY = "noisy";

  private static final List<Column> COLUMNS =
      List.of(
          new Column("on", -16),
          new Column("KV", -3),
          new Column("shape", -22),
          new Column("batch", 5),
          new Column("context", 7),
          new Column("stage", -24),
          new Column("wall ms [quartiles]", 29),
          new Column("device ms [quartiles]", 29),
          new Column("GB/s", 7),
          new Column("of copy", 7),
          new Column("host", 4),
          new Column("tokens/s", 8),
          new Column("× dense", 7),
          new Column("× best", 6),
          new Column("error", 7));

  private final PrintStream out;

  MarkdownPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void print(Row row, List<Row> rows) {
    if (rows.size() == 1) {
      line(COLUMNS.stream().map(Column::heading).toList());
      line(
          COLUMNS.stream()
              .map(
                  column ->
                      column.width < 0
                          ? "-".repeat(-column.width)
                          : "-".repeat(column.width - 1) + ":")
              .toList());
    }
    Workload work = row.work();
    line(
        List.of(
            Machines.label(row, rows),
            row.target().kvType().name().toLowerCase(Locale.ROOT),
            work.shapeLabel(),
            String.valueOf(work.batch()),
            work.contextLabel(),
            row.stage(),
            time(row.wall()),
            time(row.device()),
            number("%.1f", row.gigabytesPerSecond()),
            number("%.0f%%", scaled(row.copyShare(), 100)),
            number("%.0f%%", scaled(row.hostShare(), 100)),
            number("%.1f", row.tokensPerSecond()),
            ratio(SpeedUp.overOwnDense(row, rows)),
            ratio(SpeedUp.overBestDense(row, rows)),
            String.format(Locale.ROOT, "%.0e", row.error())));
  }

  @Override
  public void end(List<Row> rows) {
    Set<String> notes = new LinkedHashSet<>();
    if (rows.stream().anyMatch(Row::isNoisy)) {
      notes.add(
          "- ~, noisy: quartiles more than a quarter of the median apart; such rows are not"
              + " compared");
    }
    for (Row row : rows) {
      row.provenance().ifPresent(from -> notes.add(machine(Machines.label(row, rows), from)));
      Target target = row.target();
      notes.add(
          String.format(
              Locale.ROOT,
              "- %s: %s, %s%s",
              target.label(),
              target.deviceName(),
              target.backend(),
              row.copyBandwidth().isPresent()
                  ? String.format(
                      Locale.ROOT,
                      "; a copy moves %.1f GB/s",
                      row.copyBandwidth().getAsDouble() / 1e9)
                  : ""));
      if (!row.work().config().isDense()) {
        notes.add(settings(row.work()));
      }
    }
    if (!notes.isEmpty()) {
      out.print("\n" + String.join("\n", notes) + "\n");
    }
    out.flush();
  }

  private static String machine(String label, Provenance from) {
    return "- %s, %s: %s; %s%s%s"
        .formatted(
            label,
            from.date(),
            from.machine(),
            from.driver(),
            from.sources().isEmpty() ? "" : "; ReSA4J " + from.sources(),
            from.flags().isEmpty() ? "" : "; `" + from.flags() + "`");
  }

  private static String settings(Workload work) {
    ResaConfig config = work.config();
    String kept =
        String.format(
            Locale.ROOT,
            "keep %s of blocks of %d tokens, at least %d",
            config.keepRatio(),
            config.blockSize(),
            config.minBlocks());
    if (config.exact().isEmpty()) {
      return "- ReSA: %s, rectified every %d".formatted(kept, config.rectifyEvery());
    }
    String acceptance =
        work.acceptance().isEmpty()
            ? ""
            : "; acceptance given: %s, the model's own may be another"
                .formatted(work.acceptance().getAsDouble());
    return "- exact: %s, drafts of %s tokens verified by a dense pass%s"
        .formatted(kept, config.exact().get(), acceptance);
  }

  private void line(List<String> cells) {
    List<String> padded = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      padded.add(String.format(Locale.ROOT, "%" + COLUMNS.get(i).width + "s", cells.get(i)));
    }
    out.print("| " + String.join(" | ", padded) + " |\n");
    out.flush();
  }

  private static String time(Optional<Spread> time) {
    return time.map(
            t ->
                String.format(
                    Locale.ROOT,
                    "%s%.4f [%.4f, %.4f]",
                    t.isNoisy() ? "~" : "",
                    t.median(),
                    t.lower(),
                    t.upper()))
        .orElse("");
  }

  private static String number(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "";
  }

  private static String ratio(Optional<SpeedUp> speedUp) {
    return speedUp
        .map(
            each ->
                each.isNoisy()
                    ? NOISY
                    : String.format(Locale.ROOT, "%.2f", each.ratio().estimate()))
        .orElse("");
  }

  private static OptionalDouble scaled(OptionalDouble value, double factor) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() * factor)
        : OptionalDouble.empty();
  }
}
