package org.resa4j.bench;

import org.openjdk.jmh.Main;
import org.resa4j.bench.generate.GenerateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Benchmarks: {@code resa bench attention | generate | decode | jmh}. */
@Command(
    name = "resa bench",
    description = "Benchmarks; each checks its results in the same run.",
    subcommands = {
      AttentionCommand.class,
      GenerateCommand.class,
      DecodeCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true)
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    // Charts are drawn into files.
    System.setProperty("java.awt.headless", "true");
    System.exit(
        new CommandLine(new BenchMain()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Command(name = "jmh", description = "Run the JMH benchmarks; arguments after -- are JMH's.")
  int jmh(@Parameters(arity = "0..*") String[] arguments) throws Exception {
    Main.main(arguments == null ? new String[0] : arguments);
    return 0;
  }
}
