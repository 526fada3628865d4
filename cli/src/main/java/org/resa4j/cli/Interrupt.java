package org.resa4j.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns an interrupt from the keyboard into a cancelled generation, so that what was written stays
 * whole.
 */
final class Interrupt implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;

  private final CountDownLatch done = new CountDownLatch(1);
  private Thread hook;

  /** As yet an interrupt ends the process at once. */
  Interrupt() {}

  /**
   * Cancels from now on.
   *
   * @param cancel ends what is being written
   */
  Interrupt(Runnable cancel) {
    cancels(cancel);
  }

  /** From now on an interrupt cancels, and the process ends when this is closed. */
  void cancels(Runnable cancel) {
    if (hook != null) {
      throw new IllegalStateException("an interrupt cancels one thing");
    }
    hook =
        new Thread(
            () -> {
              cancel.run();
              try {
                // The process ends when this returns: long enough to print what was measured.
                if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                  System.err.println("resa: ended in the middle of a step");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    done.countDown();
    if (hook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook is running and has been released.
    }
  }
}
