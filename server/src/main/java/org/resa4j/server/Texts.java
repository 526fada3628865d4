package org.resa4j.server;

import io.helidon.webserver.CloseConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.generate.FinishReason;

/** The texts of one request, in the making. */
final class Texts {
  /** Hears the texts, each on a thread of its own. */
  interface Listener {
    void onToken(int text, GeneratedToken token);

    void onEnd(int text, Generation generation);
  }

  private final List<GenerationHandle> handles;
  private final long begun;
  private final Metrics metrics;
  private final Consumer<Texts> onEnd;
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private volatile boolean clientIsGone;

  /**
   * @param begun when, by {@link System#nanoTime}
   * @param onEnd hears when all have ended
   */
  Texts(List<GenerationHandle> handles, long begun, Metrics metrics, Consumer<Texts> onEnd) {
    this.handles = List.copyOf(handles);
    this.begun = begun;
    this.metrics = metrics;
    this.onEnd = onEnd;
    // Also those that nobody takes any more: what they cost counts.
    for (GenerationHandle handle : handles) {
      handle.result().thenAccept(text -> metrics.text(text, System.nanoTime() - begun));
    }
  }

  void cancel() {
    handles.forEach(GenerationHandle::cancel);
  }

  /**
   * Listens to all texts; returns when they have ended.
   *
   * @param client whose end cancels them
   * @throws CloseConnectionException if the client went
   * @throws org.resa4j.server.request.ApiException if one failed, or was cancelled
   */
  void tell(Client client, Listener listener) {
    client.watch(
        () -> {
          clientIsGone = true;
          cancel();
        });
    try {
      List<Thread> threads = new ArrayList<>();
      for (int i = 1; i < handles.size(); i++) {
        int text = i;
        threads.add(Thread.ofVirtual().name("resa-text").start(() -> tell(text, listener)));
      }
      tell(0, listener);
      for (Thread thread : threads) {
        join(thread);
      }
    } finally {
      client.unwatch();
      onEnd.accept(this);
    }
    if (clientIsGone) {
      throw new CloseConnectionException("the client is gone");
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private void tell(int text, Listener listener) {
    GenerationHandle handle = handles.get(text);
    try {
      long last = begun;
      boolean first = true;
      for (GeneratedToken token : handle) {
        long now = System.nanoTime();
        if (first) {
          metrics.firstToken(now - last);
        } else {
          metrics.token(now - last);
        }
        first = false;
        last = now;
        listener.onToken(text, token);
      }
      Generation generation = handle.join();
      if (generation.finish() == FinishReason.CANCELLED) {
        throw Errors.closing();
      }
      listener.onEnd(text, generation);
    } catch (CloseConnectionException e) {
      failed(e);
    } catch (RuntimeException e) {
      failed(Errors.of(e, null, 0));
    }
  }

  /** One that failed ends the others; of those the first is told of. */
  private void failed(RuntimeException e) {
    failure.compareAndSet(null, e);
    cancel();
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
