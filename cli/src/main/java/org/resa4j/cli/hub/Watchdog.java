package org.resa4j.cli.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Closes a stream from which nothing comes any more: reading it would wait for ever. */
final class Watchdog implements AutoCloseable {
  private final InputStream watched;
  private final long limit;
  private final Thread thread;
  private volatile long last = System.nanoTime();
  private volatile boolean fired;

  /**
   * @param limit how long it may be silent
   */
  Watchdog(InputStream watched, Duration limit) {
    this.watched = watched;
    this.limit = limit.toNanos();
    thread = Thread.ofVirtual().name("download-watchdog").start(this::watch);
  }

  /** Something came. */
  void feed() {
    last = System.nanoTime();
  }

  /**
   * @throws IOException if it closed the stream
   */
  void check() throws IOException {
    if (fired) {
      throw new IOException("nothing came for %d s".formatted(Math.max(1, limit / 1_000_000_000)));
    }
  }

  private void watch() {
    try {
      for (long left = limit; left > 0; left = limit - (System.nanoTime() - last)) {
        Thread.sleep(Duration.ofNanos(left));
      }
      fired = true;
      watched.close();
    } catch (InterruptedException e) {
      // Closed in time.
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The reader sees it.
      fired = true;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
