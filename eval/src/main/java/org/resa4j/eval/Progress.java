package org.resa4j.eval;

import java.io.Console;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** On standard error: a bar at a terminal, elsewhere a line now and then. */
final class Progress implements AutoCloseable {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);

  /** Null where there is no terminal. */
  private final ProgressBar bar;

  private final long all;
  private long done;
  private long lastLine = System.nanoTime();

  private Progress(ProgressBar bar, long all, long done) {
    this.bar = bar;
    this.all = all;
    this.done = done;
  }

  /**
   * @param all texts to be written
   * @param done how many of them are there already
   */
  static Progress of(long all, long done) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return new Progress(null, all, done);
    }
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("eval")
            .setUnit(" texts", 1)
            .setInitialMax(all)
            .startsFrom(done, Duration.ZERO)
            .build();
    return new Progress(bar, all, done);
  }

  void step(Outcome outcome) {
    done++;
    if (bar != null) {
      bar.setExtraMessage(outcome.task());
      bar.step();
    } else if (System.nanoTime() - lastLine > BETWEEN_LINES.toNanos()) {
      lastLine = System.nanoTime();
      System.err.printf("eval: %d of %d texts%n", done, all);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
