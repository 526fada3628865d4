package org.resa4j.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.ResaException;
import picocli.CommandLine;

/** Command lines whose faults are told and numbered alike, in every command of {@code resa}. */
public final class CommandLines {
  private CommandLines() {}

  /** A command line of a command. */
  public static CommandLine of(Object command) {
    return new CommandLine(command)
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(CommandLines::onException);
  }

  /** Runs a process's command and ends the process. */
  public static void main(CommandLine line, String... args) {
    int code = line.execute(args);
    System.out.flush();
    System.exit(code);
  }

  private static int onException(
      Exception exception, CommandLine line, CommandLine.ParseResult ignored) throws Exception {
    return switch (exception) {
      case InputException e -> fail(line, e, ExitCode.INPUT);
      case DeviceException e -> fail(line, e, ExitCode.DEVICE);
      case UsageException e -> fail(line, e, ExitCode.USAGE);
      // Anything else is a fault of the program: picocli prints its stack trace.
      default -> throw exception;
    };
  }

  private static int fail(CommandLine line, Exception exception, int code) {
    line.getErr().println("resa: " + exception.getMessage());
    if (exception instanceof ResaException fault && !fault.settings().isEmpty()) {
      line.getErr()
          .println(
              "      see "
                  + fault.settings().stream().map(Flags::of).collect(Collectors.joining(", ")));
    }
    return code;
  }
}
