package org.resa4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** This machine's CPU, which Java has no name for. */
public final class Processor {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** The model's name as the system has it, or the architecture. */
  public static String model() {
    return cpuinfo()
        .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
        .or(Processor::sysctl)
        .orElseGet(() -> System.getProperty("os.arch"));
  }

  private static Optional<String> cpuinfo() {
    try {
      List<String> lines = Files.readAllLines(CPUINFO);
      // Of ARM's Linux says numbers only.
      return value(lines, "model name")
          .or(
              () ->
                  value(lines, "CPU implementer")
                      .flatMap(
                          maker ->
                              value(lines, "CPU part")
                                  .map(part -> "ARM %s/%s".formatted(maker, part))));
    } catch (IOException e) {
      // No Linux.
      return Optional.empty();
    }
  }

  private static Optional<String> value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  /** Of macOS. */
  private static Optional<String> sysctl() {
    try {
      Process process =
          new ProcessBuilder("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string").start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Optional.of(said.strip()).filter(name -> !name.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
