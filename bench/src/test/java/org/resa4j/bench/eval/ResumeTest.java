package org.resa4j.bench.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed and started again ends as one that was not. */
class ResumeTest {
  private static final int TASKS = 8;
  private static final int SETTINGS = 3;
  private static final Path HOME = Path.of(System.getProperty("resa.home", "."));

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void leaveNoProcess() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  /** With a model of random weights, which takes no time. */
  private Process start(Path tasks, Path output) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-DRUST_FLAVOR=cpu",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                EvalMain.class.getName(),
                tasks.toString(),
                "--output=" + output,
                "--model=" + HOME.resolve("runtime/src/test/resources/golden/models/qwen2"),
                "--engine=jvm",
                "--threads=1",
                "--max-tokens=24",
                "--block-size=4",
                "--min-blocks=2",
                "--ignore-eos",
                "-b=3")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private void finish(Process process) throws IOException, InterruptedException {
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("output.log"))).isZero();
  }

  private static long lines(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readString(file).chars().filter(letter -> letter == '\n').count()
        : 0;
  }

  private Path tasks() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      lines.add(
          "{\"prompt\": \"Text number %d, of %s\", \"answer\": \"none\"}"
              .formatted(i, "so many words ".repeat(i % 3 + 1)));
    }
    return Files.write(folder.resolve("tasks.jsonl"), lines);
  }

  @Test
  void theResultsAreThoseOfARunThatWasNotKilled() throws IOException, InterruptedException {
    Path tasks = tasks();
    Path whole = folder.resolve("whole");
    finish(start(tasks, whole));

    Path killed = folder.resolve("killed");
    Path file = killed.resolve("results.jsonl");
    Process process = start(tasks, killed);
    // Two outcomes, and then wherever it is.
    while (lines(file) < 3 && process.isAlive()) {
      Thread.sleep(1);
    }
    process.destroyForcibly().waitFor();
    String kept = Files.readString(file);
    assertThat(lines(file)).isBetween(3L, (long) TASKS * SETTINGS);
    finish(start(tasks, killed));

    assertThat(Files.readString(file)).startsWith(kept.substring(0, kept.lastIndexOf('\n') + 1));
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + TASKS * SETTINGS);
    assertThat(lines)
        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(whole.resolve("results.jsonl")));
    for (String report : List.of("results.md", "results.csv", "results.json")) {
      assertThat(killed.resolve(report)).hasSameTextualContentAs(whole.resolve(report));
    }
  }
}
