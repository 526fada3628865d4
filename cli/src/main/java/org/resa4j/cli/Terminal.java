package org.resa4j.cli;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Standard output for the text, standard error for everything else. */
final class Terminal {
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);

  /** Prints text as it comes; returns whether there is still a reader. */
  boolean text(String part) {
    out.print(part);
    out.flush();
    return !out.checkError();
  }

  void line(String text) {
    out.println(text);
  }

  void note(String text) {
    err.println(text);
  }

  void prompt(String text) {
    err.print(text);
    err.flush();
  }

  /** Whether a person is watching. */
  static boolean isInteractive() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
