package org.resa4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code resa eval} in a process of its own, with a model of random weights, which takes no time.
 */
final class EvalProcess {
  private static final Path HOME = Path.of(System.getProperty("resa.home", "."));

  private EvalProcess() {}

  /** What it says goes to {@code log}. */
  static ProcessBuilder builder(
      List<String> jvmFlags, Path tasks, Path output, Path log, List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvmFlags);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(EvalMain.class.getName());
    command.add(tasks.toString());
    command.add("--output=" + output);
    command.add("--model=" + HOME.resolve("runtime/src/test/resources/golden/models/qwen2"));
    command.addAll(List.of("--engine=jvm", "--threads=1"));
    command.addAll(flags);
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
  }
}
