package org.resa4j;

import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.generate.DecodeLoop;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;

/**
 * The one thread that touches an engine, from its opening to its closing: engines take one call at
 * a time, and some devices tie their state to a thread. Others hand it work.
 *
 * <p>Thread-safe. {@link #close} lets the call that is under way return, a step or a chunk of a
 * prompt, and fails what is left.
 */
final class EngineThread implements AutoCloseable {
  private static final String CLOSED = "the Resa was closed before the text had ended";

  private final BlockingQueue<Consumer<DecodeLoop>> work = new LinkedBlockingQueue<>();

  /** What others wait for; whatever happens to the thread, all of it ends. */
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();

  private final Thread thread;
  private final EngineInfo info;
  private Engine engine;
  private boolean closed;

  /**
   * Opens the engine on the new thread; throws here what that throws.
   *
   * @param vocabulary the model's number of tokens
   */
  EngineThread(Supplier<Engine> opener, int vocabulary) {
    CompletableFuture<EngineInfo> opened = new CompletableFuture<>();
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("resa-engine")
            .start(
                () -> {
                  try {
                    engine = opener.get();
                    DecodeLoop loop = new DecodeLoop(engine, vocabulary);
                    opened.complete(engine.info());
                    run(loop);
                  } catch (Throwable e) {
                    opened.completeExceptionally(e);
                  } finally {
                    end();
                  }
                });
    try {
      info = opened.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }

  EngineInfo info() {
    return info;
  }

  /**
   * Hands a request over.
   *
   * @return the result, completed on this thread: what hangs on it must be short
   * @throws IllegalStateException if it is closed
   */
  CompletableFuture<DecodeResult> decode(DecodeRequest request) {
    long requestedAt = System.nanoTime();
    CompletableFuture<DecodeResult> result = opened();
    return add(
        result,
        loop ->
            loop.add(request, requestedAt)
                .whenComplete(
                    (done, failure) -> {
                      if (failure == null) {
                        result.complete(done);
                      } else {
                        result.completeExceptionally(failure);
                      }
                    }));
  }

  /**
   * Asks the engine something and waits for the answer.
   *
   * @throws IllegalStateException if it is closed
   */
  <T> T ask(Function<Engine, T> question) {
    CompletableFuture<T> answer = opened();
    return add(answer, loop -> answer.complete(question.apply(engine))).join();
  }

  private <T> CompletableFuture<T> opened() {
    CompletableFuture<T> result = new CompletableFuture<>();
    open.add(result);
    result.whenComplete((done, failure) -> open.remove(result));
    return result;
  }

  private synchronized <T> CompletableFuture<T> add(
      CompletableFuture<T> result, Consumer<DecodeLoop> each) {
    if (closed) {
      open.remove(result);
      throw new IllegalStateException("the Resa is closed");
    }
    work.add(
        loop -> {
          try {
            each.accept(loop);
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void run(DecodeLoop loop) {
    boolean busy = false;
    while (!isClosed()) {
      try {
        // With nothing to decode, sleeps until there is work.
        Consumer<DecodeLoop> next = busy ? work.poll() : work.take();
        for (; next != null && !isClosed(); next = work.poll()) {
          next.accept(loop);
        }
        busy = !isClosed() && loop.tick();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread but a debugger; close() wakes it by work.
      } catch (Throwable e) {
        // What the engine holds is in doubt: all who wait hear of it, and later texts begin anew.
        loop.fail(e);
        busy = false;
      }
    }
  }

  /** Also where the thread dies of an error: nothing may wait for it any longer. */
  private void end() {
    synchronized (this) {
      closed = true;
    }
    IllegalStateException closing = new IllegalStateException(CLOSED);
    open.forEach(result -> result.completeExceptionally(closing));
    if (engine != null) {
      engine.close();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        // Wakes it where it sleeps.
        work.add(loop -> {});
      }
    }
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
