package org.resa4j.cli;

import java.io.PrintWriter;
import java.util.List;
import org.resa4j.error.BusyException;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.ResaException;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How what went wrong is told, and what the process exits with. */
final class Faults {
  private static final String INDENT = "      ";
  private static final String REPORTS = "https://github.com/resa4j/resa4j/issues";

  private Faults() {}

  /** A command line that cannot be read. */
  static int ofArguments(ParameterException fault) {
    CommandLine line = fault.getCommandLine();
    boolean nothingSaid =
        line.getParseResult() != null
            && line.getParseResult().originalArgs().isEmpty()
            && !(fault instanceof MissingParameterException);
    if (nothingSaid && !line.getSubcommands().isEmpty()) {
      line.usage(line.getErr());
      return ExitCode.USAGE;
    }
    String suggested =
        fault instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()
            ? "; did you mean " + String.join(", ", unmatched.getSuggestions()) + "?"
            : "";
    return usage(line, fault.getMessage() + suggested);
  }

  private static int usage(CommandLine line, String message) {
    PrintWriter err = line.getErr();
    err.println("resa: " + message);
    err.println(INDENT + "see `" + name(line.getCommandSpec()) + " --help`");
    return ExitCode.USAGE;
  }

  private static String name(CommandSpec command) {
    return command.qualifiedName();
  }

  /** What a command ended with, of whatever kind. */
  static int tell(CommandLine line, Throwable fault) {
    return switch (fault) {
      case UsageException e -> usage(line, e.getMessage());
      case ResaException e -> {
        lines(e, line.getCommandSpec()).forEach(line.getErr()::println);
        yield code(e);
      }
      case OutOfMemoryError e -> {
        line.getErr().println("resa: the JVM's memory does not suffice: " + e.getMessage());
        line.getErr().println(INDENT + "RESA_JVM_FLAGS=-Xmx8g gives it more, for example");
        yield ExitCode.INPUT;
      }
      default -> bug(line, fault);
    };
  }

  /** What a user can act on: what is wrong, and where there are, the flags that help. */
  static List<String> lines(ResaException fault, CommandSpec command) {
    String message = "resa: " + fault.getMessage();
    return Flags.advice(fault, command)
        .map(text -> List.of(message, INDENT + text))
        .orElse(List.of(message));
  }

  static int code(ResaException fault) {
    return switch (fault) {
      case InputException e -> ExitCode.INPUT;
      case BusyException e -> ExitCode.INPUT;
      case DeviceException e -> ExitCode.DEVICE;
    };
  }

  private static int bug(CommandLine line, Throwable fault) {
    PrintWriter err = line.getErr();
    err.println(
        "resa: this is a fault of the program, not yours; please report it, with what follows, at "
            + REPORTS);
    err.println("`" + name(line.getCommandSpec()) + "`, " + Versions.all());
    fault.printStackTrace(err);
    err.flush();
    return ExitCode.INTERNAL;
  }
}
