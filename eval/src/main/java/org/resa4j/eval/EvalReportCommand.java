package org.resa4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.error.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes tables and charts of results that are there. */
@Command(
    name = "report",
    description = {
      "Make tables and charts of results.jsonl again.",
      "Runs of one model on other settings, tasks or parts of both become one report."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class EvalReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", arity = "1..*", description = "What --output named.")
  private List<Path> folders;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where they go (default: the only DIR).")
  private Path output;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description =
          "Compare with the results.json of a run elsewhere; figures that differ by more than"
              + " chance are listed, and the command fails.")
  private Path reference;

  @Override
  public Integer call() {
    if (output == null && folders.size() > 1) {
      throw new InputException("several runs make one report: name its place with --output");
    }
    Optional<Summary> expected = Optional.ofNullable(reference).map(Summary::read);
    Summary summary =
        Summary.of(
            folders.stream()
                .map(folder -> ResultFile.read(folder.resolve(ResultFile.NAME)))
                .toList());
    EvalReport.save(summary, output == null ? folders.getFirst() : output)
        .forEach(file -> System.err.println("wrote " + file));
    System.out.print(EvalReport.markdown(summary));
    int differs =
        expected.map(earlier -> new Reference(earlier).compare(summary, System.out)).orElse(0);
    return Math.max(differs, ExactReport.faults(summary, System.err));
  }
}
