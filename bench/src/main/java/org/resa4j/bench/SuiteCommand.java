package org.resa4j.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Attention and whole models on every device of every engine, into one folder. */
@Command(
    name = "suite",
    description = {
      "Runs `attention` and `generate` on every device of every engine and writes tables, rows and"
          + " charts.",
      "Fails if a result is wrong, after running the rest."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class SuiteCommand implements Callable<Integer> {
  @Option(
      names = "--quick",
      description = "Small contexts and few repetitions: under 10 minutes on 2 CPU cores.")
  private boolean quick;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "resa-bench",
      description = "Where results go (${DEFAULT-VALUE}).")
  private Path output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<String> attention = new ArrayList<>(List.of("attention", "--all-devices"));
    List<String> generate = new ArrayList<>(List.of("generate", "--all-devices"));
    if (quick) {
      attention.addAll(List.of("--quick", "--batch", "1", "-r", "5", "--warm-up", "0.5"));
      generate.addAll(List.of("-p", "128", "-n", "32", "-d", "4K", "-r", "2"));
    }
    // A wrong result must not keep anyone from seeing the others.
    int first = run(attention, "attention");
    int second = run(generate, "generate");
    return Math.max(first, second);
  }

  private int run(List<String> command, String folder) {
    command.addAll(List.of("--output", output.resolve(folder).toString()));
    CommandLine parent = spec.parent().commandLine();
    parent.getErr().println("bench: " + String.join(" ", command));
    return parent.execute(command.toArray(String[]::new));
  }
}
