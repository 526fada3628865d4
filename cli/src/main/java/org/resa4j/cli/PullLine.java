package org.resa4j.cli;

import java.io.PrintStream;
import java.util.Locale;
import org.resa4j.cli.hub.Pull;

/** Says how far a download is: in a line that is written over, else once for each file. */
final class PullLine implements Pull.Progress {
  private static final String CLEAR = "\r\033[K";
  private static final long BETWEEN = 200_000_000;

  private final PrintStream err;
  private final boolean rewrites;
  private int said;
  private long last;

  /** What was there before this began, and when it began: of the present file. */
  private long first;

  private long began;

  /**
   * @param rewrites whether {@code err} is a terminal
   */
  PullLine(PrintStream err, boolean rewrites) {
    this.err = err;
    this.rewrites = rewrites;
  }

  @Override
  public void at(String file, int number, int files, long done, long bytes) {
    long now = System.nanoTime();
    if (said != number) {
      said = number;
      first = done;
      began = now;
      last = now - BETWEEN;
      if (!rewrites) {
        err.printf("resa: %s, %d of %d, %s%n", file, number, files, Report.mebibytes(bytes));
      }
    }
    if (rewrites && now - last >= BETWEEN) {
      last = now;
      double rate = (done - first) / 1e6 / Math.max(1e-3, (now - began) / 1e9);
      err.printf(
          Locale.ROOT,
          "%sresa: %s, %d of %d: %d%% of %s, %.1f MB/s",
          CLEAR,
          file,
          number,
          files,
          bytes == 0 ? 100 : 100 * done / bytes,
          Report.mebibytes(bytes),
          rate);
      err.flush();
    }
  }

  @Override
  public void note(String what) {
    err.println((rewrites ? CLEAR : "") + "resa: " + what);
  }

  /** Clears the line. */
  void end() {
    if (rewrites) {
      err.print(CLEAR);
      err.flush();
    }
  }
}
