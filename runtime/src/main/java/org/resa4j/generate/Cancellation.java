package org.resa4j.generate;

/** Cancels generations from another thread; takes effect before the next token. */
public final class Cancellation {
  private volatile boolean cancelled;

  public void cancel() {
    cancelled = true;
  }

  public boolean isCancelled() {
    return cancelled;
  }
}
