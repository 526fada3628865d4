package org.resa4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.resa4j.bench.report.Figures;
import org.resa4j.error.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a Markdown file's tables anew from the rows that they come from. */
@Command(
    name = "figures",
    description =
        "Make a Markdown file's tables anew, those between <!-- figures: FILE ... --> and <!-- end"
            + " of figures -->, from the rows in those files.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class FiguresCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      defaultValue = "README.md",
      description = "The Markdown file (${DEFAULT-VALUE}).")
  private Path file;

  @Option(names = "--check", description = "Write nothing; exit with 1 if a table would change.")
  private boolean check;

  @Override
  public Integer call() {
    String anew = Figures.of(file);
    try {
      if (check) {
        return anew.equals(Files.readString(file)) ? 0 : 1;
      }
      Files.writeString(file, anew);
      return 0;
    } catch (IOException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }
}
