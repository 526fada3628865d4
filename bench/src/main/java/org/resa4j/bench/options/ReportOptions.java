package org.resa4j.bench.options;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.resa4j.bench.report.Format;
import org.resa4j.bench.report.Provenance;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.error.InputException;
import org.resa4j.format.ReplacedFile;
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
   * @throws org.resa4j.error.InputException if a peer's file cannot be read or has no rows, or the
   *     folder not be written
   */
  public int report(ToIntFunction<Report> work) {
    List<Row> others = peers.stream().flatMap(file -> rowsOf(file).stream()).toList();
    Report report = open();
    Thread cutShort = new Thread(() -> sayWhatIsThere(report));
    Runtime.getRuntime().addShutdownHook(cutShort);
    Throwable fault = null;
    try (report) {
      others.forEach(report::add);
      return work.applyAsInt(report);
    } catch (RuntimeException | Error e) {
      fault = e;
      throw e;
    } finally {
      Runtime.getRuntime().removeShutdownHook(cutShort);
      save(report, others.size(), fault);
    }
  }

  private static List<Row> rowsOf(Path peer) {
    List<Row> rows = Report.read(peer);
    if (rows.isEmpty()) {
      throw new InputException(peer + ": has no rows to compare with");
    }
    return rows;
  }

  /** Reports rows that were measured before. */
  public int print(List<Row> rows) {
    try (Report report = new Report(format, System.out)) {
      rows.forEach(report::add);
    }
    if (folder != null) {
      ReplacedFile.write(
          made(folder).resolve(Report.LOG),
          out -> out.write(Report.text(rows, Format.JSONL).getBytes(StandardCharsets.UTF_8)));
      said(Report.save(rows, folder));
    }
    return 0;
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InputException(folder + ": " + e.getMessage(), e);
    }
  }

  private static void said(List<Path> files) {
    files.forEach(file -> System.err.println("wrote " + file));
  }

  /** What was measured, if anything was; a fault of this does not hide an earlier one. */
  private void save(Report report, int others, Throwable fault) {
    if (folder == null || report.rows().size() == others) {
      return;
    }
    try {
      said(Report.save(report.rows(), folder));
    } catch (RuntimeException e) {
      if (fault == null) {
        throw e;
      }
      fault.addSuppressed(e);
    }
  }

  private void sayWhatIsThere(Report report) {
    if (folder != null && !report.rows().isEmpty()) {
      System.err.printf(
          "bench: cut short; %d rows are in %2$s: `resa bench report %2$s --output %3$s` makes"
              + " tables and charts of them%n",
          report.rows().size(), folder.resolve(Report.LOG), folder);
    }
  }

  private Report open() {
    List<String> given = spec.commandLine().getParseResult().originalArgs();
    // The whole command line, of which the benchmark's name is a part.
    Provenance here = Provenance.here("resa bench " + String.join(" ", given));
    return folder == null
        ? new Report(format, System.out, here)
        : Report.into(folder, format, System.out, here);
  }
}
