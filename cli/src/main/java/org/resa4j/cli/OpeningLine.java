package org.resa4j.cli;

import java.io.PrintStream;
import org.resa4j.engine.OpenProgress;

/** Says how far a device's start is: in a line that is written over, else once. */
final class OpeningLine implements OpenProgress {
  private static final String CLEAR = "\r\033[K";

  private final PrintStream err;
  private final boolean rewrites;
  private boolean said;

  /**
   * @param rewrites whether {@code err} is a terminal
   */
  OpeningLine(PrintStream err, boolean rewrites) {
    this.err = err;
    this.rewrites = rewrites;
  }

  /** On standard error. */
  static OpeningLine standard() {
    return new OpeningLine(System.err, Tty.isError());
  }

  @Override
  public synchronized void at(String what, int done, int all) {
    if (rewrites) {
      err.print(CLEAR + (done < all ? "resa: %s, %d of %d".formatted(what, done, all) : ""));
      err.flush();
    } else if (!said && done < all) {
      err.println("resa: %s ...".formatted(what));
    }
    said = true;
  }
}
