package org.resa4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.Main;
import org.resa4j.DeviceException;
import org.resa4j.InputException;
import org.resa4j.bench.generate.GenerateCommand;
import org.resa4j.cli.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Benchmarks: {@code resa bench attention | generate | decode | suite | report | jmh}. */
@Command(
    name = "resa bench",
    description = "Benchmarks; each checks its results in the same run.",
    subcommands = {
      AttentionCommand.class,
      GenerateCommand.class,
      DecodeCommand.class,
      SuiteCommand.class,
      ReportCommand.class,
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
    int code = commandLine().execute(args);
    System.out.flush();
    System.exit(code);
  }

  static CommandLine commandLine() {
    return commandLine(new BenchMain());
  }

  /** A command line of a command, with faults told and numbered as everywhere in {@code resa}. */
  public static CommandLine commandLine(Object command) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(BenchMain::onException);
  }

  private static int onException(
      Exception exception, CommandLine line, CommandLine.ParseResult ignored) throws Exception {
    int code =
        switch (exception) {
          case InputException e -> ExitCode.INPUT;
          case DeviceException e -> ExitCode.DEVICE;
          case IllegalArgumentException e -> ExitCode.USAGE;
          default -> throw exception;
        };
    line.getErr().println("resa: " + exception.getMessage());
    return code;
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
