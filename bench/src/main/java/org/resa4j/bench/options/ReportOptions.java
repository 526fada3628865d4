package org.resa4j.bench.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.resa4j.bench.report.Format;
import org.resa4j.bench.report.Provenance;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a benchmark's rows go; progress and warnings go to standard error. */
public final class ReportOptions {
  @Option(
      names = "-o",
      paramLabel = "FORMAT",
      defaultValue = "MD",
      description = "What is printed: md, csv, json or jsonl (md).")
  private Format format;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Also write results.jsonl there, each row when it is measured, and at the end results.md,"
              + " results.csv and charts.")
  private Path folder;

  @Option(
      names = "--peer",
      paramLabel = "FILE",
      split = ",",
      description =
          "Rows measured by others, as JSON: compared with, and put into the same report.")
  private List<Path> peers = new ArrayList<>();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * Reports what {@code work} adds. Rows that are there are kept, whatever ends it.
   *
   * @param work returns the exit code
   * @throws org.resa4j.error.InputException if a peer's file cannot be read or the folder not be
   *     written
   */
  public int report(ToIntFunction<Report> work) {
    List<Row> others = peers.stream().flatMap(file -> Report.read(file).stream()).toList();
    Report report = open();
    Thread cutShort = new Thread(() -> sayWhatIsThere(report));
    Runtime.getRuntime().addShutdownHook(cutShort);
    try (report) {
      others.forEach(report::add);
      return work.applyAsInt(report);
    } finally {
      if (folder != null) {
        Report.save(report.rows(), folder).forEach(file -> System.err.println("wrote " + file));
      }
      Runtime.getRuntime().removeShutdownHook(cutShort);
    }
  }

  private void sayWhatIsThere(Report report) {
    if (folder != null) {
      System.err.printf(
          "bench: cut short; %d rows are in %2$s: `resa bench report %2$s --output %3$s` makes"
              + " tables and charts of them%n",
          report.rows().size(), folder.resolve(Report.LOG), folder);
    }
  }

  private Report open() {
    List<String> given = spec.commandLine().getParseResult().originalArgs();
    Provenance here = Provenance.here("resa bench " + spec.name() + " " + String.join(" ", given));
    return folder == null
        ? new Report(format, System.out, here)
        : Report.into(folder, format, System.out, here);
  }
}
