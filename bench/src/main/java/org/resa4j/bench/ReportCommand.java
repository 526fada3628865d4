package org.resa4j.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.resa4j.bench.options.ReportOptions;
import org.resa4j.bench.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints rows that were measured before, and draws their charts. */
@Command(
    name = "report",
    description = "Print results.jsonl files again, as one report, and draw its charts.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "What --output wrote, or JSON of the same columns.")
  private List<Path> files;

  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    return output.print(files.stream().flatMap(file -> Report.read(file).stream()).toList());
  }
}
