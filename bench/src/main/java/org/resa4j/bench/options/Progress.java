package org.resa4j.bench.options;

import java.util.Locale;

/** Says on standard error which of several cases is next, and how long the rest may take. */
public final class Progress {
  private static final double MINUTE = 60e9;

  private final int cases;
  private final double work;
  private final long begin = System.nanoTime();
  private int number;
  private double done;
  private double current;

  /**
   * @param cases how many there are
   * @param work of all of them, in any unit
   */
  public Progress(int cases, double work) {
    this.cases = cases;
    this.work = work;
  }

  /**
   * The next case; those before are over.
   *
   * @param what it is
   * @param work of it
   */
  public void next(String what, double work) {
    done += current;
    current = work;
    number++;
    System.err.printf("bench: case %d of %d%s: %s%n", number, cases, left(), what);
  }

  private String left() {
    if (done == 0) {
      return "";
    }
    double minutes = (System.nanoTime() - begin) / MINUTE * (work - done) / done;
    return minutes < 1
        ? ", under a minute left"
        : String.format(Locale.ROOT, ", about %.0f min left", minutes);
  }
}
