package org.resa4j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code resa run | chat | devices | doctor | pull | quantize}. */
@Command(
    name = "resa",
    description = "Long texts by language models, with Rectified Sparse Attention.",
    subcommands = {
      RunCommand.class,
      ChatCommand.class,
      DevicesCommand.class,
      DoctorCommand.class,
      PullCommand.class,
      QuantizeCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    footerHeading = "%nThe launcher's own commands, resa --launcher-help says more:%n",
    footer = {
      "  bench    benchmarks",
      "  serve    texts and chats over HTTP, as OpenAI's clients ask for them",
      "  eval     quality, dense, sparse and with ReSA, on files of tasks",
      "  test     build and run every test that can run here",
      "  archive  pack all of it for a machine without JDK and network"
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    CommandLines.main(commandLine(), args);
  }

  static CommandLine commandLine() {
    return CommandLines.of(new Main());
  }
}
