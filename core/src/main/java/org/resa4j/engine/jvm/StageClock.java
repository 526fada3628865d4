package org.resa4j.engine.jvm;

import org.resa4j.engine.StageTimes;

/** Adds up wall time by stage; does nothing where profiling is off. */
final class StageClock {
  /** A part of a forward pass. */
  enum Stage {
    ESTIMATE,
    SELECT,
    ATTEND,
    ENCODE,
    REST
  }

  private final boolean on;
  private final long[] nanos = new long[Stage.values().length];
  private long last;

  StageClock(boolean on) {
    this.on = on;
  }

  /** Starts measuring. */
  void start() {
    if (on) {
      last = System.nanoTime();
    }
  }

  /** Books the time since the last call to a stage. */
  void book(Stage stage) {
    if (on) {
      long now = System.nanoTime();
      nanos[stage.ordinal()] += now - last;
      last = now;
    }
  }

  StageTimes times() {
    return new StageTimes(nanos[0], nanos[1], nanos[2], nanos[3], nanos[4]);
  }
}
