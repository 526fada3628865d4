package org.resa4j.bench.eval;

import java.io.Console;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A bar on a terminal; nothing elsewhere. */
final class Progress implements AutoCloseable {
  private final ProgressBar bar;

  private Progress(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * @param all texts to be written
   * @param done how many of them are there already
   */
  static Progress of(long all, long done) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName("eval")
            .setUnit(" texts", 1)
            .setInitialMax(all)
            .startsFrom(done, Duration.ZERO)
            .build());
  }

  void step(Outcome outcome) {
    if (bar != null) {
      bar.setExtraMessage(outcome.task());
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
