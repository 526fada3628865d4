package org.resa4j.eval;

import org.resa4j.cli.CommandLines;

/** Evaluation of quality: {@code resa eval}. */
public final class EvalMain {
  private EvalMain() {}

  public static void main(String[] args) {
    // Charts are drawn into files.
    System.setProperty("java.awt.headless", "true");
    CommandLines.main(CommandLines.of(new EvalCommand()), args);
  }
}
