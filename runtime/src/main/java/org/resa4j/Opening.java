package org.resa4j;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.DeviceException;

/**
 * The opening of an engine, waited for as long as something is heard of it: drivers have been seen
 * not to return from the build of a kernel, which nothing can interrupt.
 */
final class Opening implements OpenProgress {
  /** Many times what the longest build of a graph's kernels has taken. */
  static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final long GLANCE_MILLIS = 100;

  private final OpenProgress listener;
  private final Duration patience;
  private volatile Sign last;

  private record Sign(String what, int done, int all, long at) {}

  /**
   * @param listener hears the same
   * @param patience how long nothing may be heard after the first sign
   */
  Opening(OpenProgress listener, Duration patience) {
    this.listener = listener;
    this.patience = patience;
  }

  @Override
  public void at(String what, int done, int all) {
    last = new Sign(what, done, all, System.nanoTime());
    listener.at(what, done, all);
  }

  /**
   * Waits; throws here what the opening threw.
   *
   * @throws DeviceException if it is given up
   */
  EngineInfo await(CompletableFuture<EngineInfo> opened) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return opened.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          giveUpIfSilent();
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            default -> throw new CompletionException(e.getCause());
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void giveUpIfSilent() {
    Sign sign = last;
    if (sign != null && System.nanoTime() - sign.at > patience.toNanos()) {
      throw new DeviceException(
          ("%s, %d of %d done, and for %d seconds nothing more: the device's driver does not"
                  + " return; update it, or take another device")
              .formatted(sign.what, sign.done, sign.all, patience.toSeconds()));
    }
  }
}
