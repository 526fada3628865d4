package org.resa4j.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Standard output for the text, standard error for everything else. */
final class Terminal {
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
  private final LineWrap wrap;

  private Terminal(LineWrap wrap) {
    this.wrap = wrap;
  }

  /** As everything arrives, for files, pipes and tables. */
  Terminal() {
    this(new LineWrap(() -> 0));
  }

  /** With lines broken at words, where standard output is a terminal. */
  static Terminal forTexts() {
    return Tty.isOutput() ? new Terminal(new LineWrap(Tty::width)) : new Terminal();
  }

  /** Prints text as it comes; returns whether there is still a reader. */
  boolean text(String part) {
    out.print(wrap.add(part));
    out.flush();
    return !out.checkError();
  }

  /** Ends a text and its last line. */
  void endText() {
    out.println(wrap.rest());
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
}
