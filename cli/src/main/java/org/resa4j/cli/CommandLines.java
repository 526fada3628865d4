package org.resa4j.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Command lines that read, tell and number alike, in every command of {@code resa}. */
public final class CommandLines {
  private CommandLines() {}

  /** A command line of a command. Values are taken as given: with a leading - or @ too. */
  public static CommandLine of(Object command) {
    CommandLine line =
        new CommandLine(command)
            .setOut(writer(() -> System.out))
            .setErr(writer(() -> System.err))
            // A strategy made by then prints help to the standard output of then.
            .setExecutionStrategy(parsed -> new CommandLine.RunLast().execute(parsed))
            .setExpandAtFiles(false)
            .setAllowOptionsAsOptionParameters(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler((fault, args) -> Faults.ofArguments(fault))
            .setExecutionExceptionHandler((fault, at, parsed) -> Faults.tell(at, fault));
    ExitCode.addToHelp(line);
    return line;
  }

  /** Runs a process's command and ends the process. */
  public static void main(CommandLine line, String... args) {
    System.exit(run(StandardOutput.install(), line, args));
  }

  /**
   * Runs a command, and looks whether what it printed arrived.
   *
   * @param output what {@link System#out} writes to
   * @return the exit code
   */
  static int run(StandardOutput output, CommandLine line, String... args) {
    int code;
    try {
      code = line.execute(args);
    } catch (Throwable e) {
      // picocli passes errors on; whatever ends the process is told in the same way.
      code = Faults.tell(line, e);
    }
    System.out.flush();
    Optional<String> fault = output.fault();
    fault.ifPresent(
        why -> line.getErr().println("resa: standard output cannot be written: " + why));
    return fault.isPresent() && code == 0 ? ExitCode.OUTPUT : code;
  }

  /** Writes to whatever the stream is then: {@link #main} puts another in its place. */
  private static PrintWriter writer(Supplier<PrintStream> stream) {
    OutputStream current =
        new OutputStream() {
          @Override
          public void write(int value) {
            stream.get().write(value);
          }

          @Override
          public void write(byte[] bytes, int from, int count) {
            stream.get().write(bytes, from, count);
          }

          @Override
          public void flush() {
            stream.get().flush();
          }
        };
    return new PrintWriter(current, true, StandardCharsets.UTF_8);
  }
}
