package org.resa4j.bench.eval;

import org.resa4j.bench.BenchMain;

/** Evaluation of quality: {@code resa eval}. */
public final class EvalMain {
  private EvalMain() {}

  public static void main(String[] args) {
    // Charts are drawn into files.
    System.setProperty("java.awt.headless", "true");
    int code = BenchMain.commandLine(new EvalCommand()).execute(args);
    System.out.flush();
    System.exit(code);
  }
}
