package org.resa4j.eval;

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

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void leaveNoProcess() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(Path tasks, Path output) throws IOException {
    List<String> flags =
        List.of(
            "--max-tokens=24",
            "--block-size=4",
            "--min-blocks=2",
            "--rectify-every=8",
            "--ignore-eos",
            "-b=3");
    Process process =
        EvalProcess.builder(List.of(), tasks, output, folder.resolve("output.log"), flags).start();
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
