package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.cli.ExitCode;
import org.resa4j.eval.EvalMain;

/** {@code resa eval --spark} in a process of its own, which is the driver. */
class SparkEvalTest {
  private static final int TASKS = 24;
  private static final int SETTINGS = 3;
  private static final String CLUSTER = "--spark=local-cluster[2,1,2048]";

  @TempDir private Path folder;

  @BeforeAll
  static void install() {
    ClusterHome.install();
  }

  private Path tasks(int count) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(
          """
          {"id": "story-%d", "prompt": "%s", "answer": "the", "checker": "contains", "max_tokens": 150}\
          """
              .formatted(i, Stories.prompt(i)));
    }
    return Files.write(folder.resolve("stories.jsonl"), lines);
  }

  private Process eval(Path output, Path tasks, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-") || flag.startsWith("-Dio.netty"))
        .forEach(command::add);
    // Executors are sent jars; the classes of a build are folders.
    String classPath = System.getProperty("java.class.path");
    command.add("-Dspark.executor.extraClassPath=" + classPath);
    command.add("-Dspark.jars=");
    command.add("-Dspark.local.dir=" + folder);
    command.addAll(List.of("-cp", classPath, EvalMain.class.getName(), tasks.toString()));
    command.addAll(List.of("--output=" + output, "--engine=jvm", "-b=4", "--block-size=4"));
    command.addAll(List.of("--temperature=1", "--seed=3", "--min-blocks=4"));
    command.add("--model=" + Stories.MODEL);
    command.addAll(List.of(flags));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log(output))
        .start();
  }

  private static File log(Path output) {
    return output.resolveSibling(output.getFileName() + ".log").toFile();
  }

  private static void end(Process process, Path output, int code)
      throws IOException, InterruptedException {
    try {
      assertThat(process.waitFor(4, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log(output).toPath())).isEqualTo(code);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static List<String> lines(Path output) throws IOException {
    Path file = output.resolve("results.jsonl");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Test
  void writesThePlainTablesThoughAnExecutorIsKilled() throws Exception {
    // A link, as downloaded files often are.
    Path tasks = Files.createSymbolicLink(folder.resolve("tales.jsonl"), tasks(TASKS));
    Path plain = folder.resolve("plain");
    end(eval(plain, tasks), plain, 0);
    assertThat(lines(plain)).hasSize(1 + TASKS * SETTINGS);

    Path spark = folder.resolve("spark");
    Process driver = eval(spark, tasks, CLUSTER);
    while (driver.isAlive() && lines(spark).size() < 2) {
      Thread.sleep(5);
    }
    List<ProcessHandle> executors = ClusterHome.executors(driver.toHandle());
    assertThat(executors).isNotEmpty();
    assertThat(lines(spark).size()).as("still at work").isLessThan(TASKS * SETTINGS / 2);
    executors.getFirst().destroyForcibly();
    end(driver, spark, 0);
    assertThat(Files.readString(log(spark).toPath())).contains("Lost executor");

    assertThat(lines(spark)).containsExactlyInAnyOrderElementsOf(lines(plain));
    assertThat(spark.resolve("results.md")).hasSameTextualContentAs(plain.resolve("results.md"));
    assertThat(spark.resolve("results.csv")).hasSameTextualContentAs(plain.resolve("results.csv"));
    // All is there: nothing more is written, on a cluster or not.
    end(eval(spark, tasks), spark, 0);
    assertThat(lines(spark)).hasSameSizeAs(lines(plain));
  }

  @Test
  void failsWithWhatAnExecutorFailedWith() throws Exception {
    Path output = folder.resolve("out");
    end(eval(output, tasks(2), "--spark=local[2]", "-c=8"), output, ExitCode.INPUT);
    assertThat(Files.readString(log(output).toPath()))
        .contains("the context holds 8: raise -c/--ctx-size");
    end(eval(output, tasks(2), "--spark=local[2]", "-c=0"), output, ExitCode.USAGE);
    assertThat(Files.readString(log(output).toPath())).contains("must be at least 1, was 0");
    end(eval(output, tasks(2), "--spark=nowhere"), output, ExitCode.INPUT);
    assertThat(Files.readString(log(output).toPath()))
        .contains("resa: Spark cannot use the master nowhere");
  }
}
