package org.resa4j.bench.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.resa4j.bench.report.Format;
import org.resa4j.bench.report.Report;
import picocli.CommandLine.Option;

/** Where a benchmark's rows go; progress and warnings go to standard error. */
public final class ReportOptions {
  @Option(
      names = "-o",
      paramLabel = "FORMAT",
      defaultValue = "MD",
      description = "What is printed: md, csv or json (md).")
  private Format format;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Also write results.md, results.csv, results.json and charts there.")
  private Path folder;

  @Option(
      names = "--peer",
      paramLabel = "FILE",
      split = ",",
      description =
          "Rows measured by others, as JSON: compared with, and put into the same report.")
  private List<Path> peers = new ArrayList<>();

  /**
   * Reports what {@code work} adds.
   *
   * @param work returns the exit code
   * @throws org.resa4j.error.InputException if a peer's file cannot be read or the folder not be
   *     written
   */
  public int report(ToIntFunction<Report> work) {
    List<Report> ended = new ArrayList<>();
    int code;
    try (Report report = new Report(format, System.out)) {
      ended.add(report);
      peers.forEach(file -> Report.read(file).forEach(report::add));
      code = work.applyAsInt(report);
    }
    if (folder != null) {
      Report.save(ended.getFirst().rows(), folder)
          .forEach(file -> System.err.println("wrote " + file));
    }
    return code;
  }
}
