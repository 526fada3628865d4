package org.resa4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.Main;
import org.resa4j.bench.attention.AttentionCommand;
import org.resa4j.bench.generate.GenerateCommand;
import org.resa4j.bench.serve.ServeCommand;
import org.resa4j.cli.CommandLines;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Benchmarks: {@code resa bench attention | generate | serve | decode | suite | report | figures |
 * jmh}.
 */
@Command(
    name = "resa bench",
    description = "Benchmarks; each checks its results in the same run.",
    subcommands = {
      AttentionCommand.class,
      GenerateCommand.class,
      ServeCommand.class,
      DecodeCommand.class,
      SuiteCommand.class,
      ReportCommand.class,
      FiguresCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true)
public final class BenchMain {
  /** JMH's arguments of {@code --quick}. */
  private static final List<String> QUICK_JMH =
      List.of("-f", "1", "-wi", "3", "-i", "3", "-w", "500ms", "-r", "500ms", "-p", "engine=jvm");

  private BenchMain() {}

  public static void main(String[] args) {
    // Charts are drawn into files.
    System.setProperty("java.awt.headless", "true");
    CommandLines.main(commandLine(), args);
  }

  public static CommandLine commandLine() {
    return CommandLines.of(new BenchMain());
  }

  @Command(
      name = "jmh",
      description = "Run the JMH benchmarks; arguments after -- are JMH's, such as -- -l.")
  int jmh(
      @Option(names = "--quick", description = "One fork and short iterations: minutes, not hours.")
          boolean quick,
      @Parameters(arity = "0..*") String[] arguments)
      throws Exception {
    List<String> all = new ArrayList<>(quick ? QUICK_JMH : List.of());
    all.addAll(arguments == null ? List.of() : List.of(arguments));
    Main.main(all.toArray(String[]::new));
    return 0;
  }
}
