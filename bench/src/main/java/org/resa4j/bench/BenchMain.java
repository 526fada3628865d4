package org.resa4j.bench;

import org.openjdk.jmh.Main;
import org.resa4j.DeviceException;
import org.resa4j.InputException;
import org.resa4j.bench.generate.GenerateCommand;
import org.resa4j.cli.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Benchmarks: {@code resa bench attention | generate | decode | report | jmh}. */
@Command(
    name = "resa bench",
    description = "Benchmarks; each checks its results in the same run.",
    subcommands = {
      AttentionCommand.class,
      GenerateCommand.class,
      DecodeCommand.class,
      ReportCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true)
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    // Charts are drawn into files.
    System.setProperty("java.awt.headless", "true");
    int code = commandLine().execute(args);
    System.out.flush();
    System.exit(code);
  }

  static CommandLine commandLine() {
    return new CommandLine(new BenchMain())
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

  @Command(name = "jmh", description = "Run the JMH benchmarks; arguments after -- are JMH's.")
  int jmh(@Parameters(arity = "0..*") String[] arguments) throws Exception {
    Main.main(arguments == null ? new String[0] : arguments);
    return 0;
  }
}
