package org.resa4j.bench.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.bench.BenchMain;

/** A run that is killed and started again ends as one that was not. */
class ResumeTest {
  private static final int TASKS = 8;
  private static final int SETTINGS = 3;

  @TempDir private Path folder;

  private Process start(Path tasks, Path output) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-DRUST_FLAVOR=cpu",
                "-Dresa.home=" + System.getProperty("resa.home", "."),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                EvalMain.class.getName()));
    command.addAll(Sheets.flags(tasks, output));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output.log").toFile())
        .start();
  }

  private void finish(Process process) throws IOException, InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("output.log"))).isZero();
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readString(file).chars().filter(letter -> letter == '\n').count()
        : 0;
  }

  @Test
  void theResultsAreThoseOfARunThatWasNotKilled() throws IOException, InterruptedException {
    Path tasks = Sheets.write(folder.resolve("tasks.jsonl"), "sheet", TASKS);
    Path whole = folder.resolve("whole");
    BenchMain.commandLine(new EvalCommand())
        .execute(Sheets.flags(tasks, whole).toArray(String[]::new));

    Path killed = folder.resolve("killed");
    Path file = killed.resolve("results.jsonl");
    Process process = start(tasks, killed);
    // Two outcomes, and then wherever it is.
    while (lines(file) < 3 && process.isAlive()) {
      Thread.sleep(1);
    }
    process.destroyForcibly().waitFor();
    long before = lines(file);
    assertThat(before).isBetween(3L, (long) TASKS * SETTINGS);
    String kept = Files.readString(file);
    finish(start(tasks, killed));

    assertThat(Files.readString(file)).startsWith(kept.substring(0, kept.lastIndexOf('\n') + 1));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + TASKS * SETTINGS);
    assertThat(lines)
        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(whole.resolve("results.jsonl")));
    assertThat(killed.resolve("results.md")).hasSameTextualContentAs(whole.resolve("results.md"));
    assertThat(killed.resolve("results.json"))
        .hasSameTextualContentAs(whole.resolve("results.json"));
  }
}
