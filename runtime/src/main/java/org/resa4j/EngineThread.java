package org.resa4j;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 * <p>Thread-safe. {@link #close} lets the call that is under way return and fails what is left.
 */
final class EngineThread implements AutoCloseable {
  private static final String CLOSED = "the Resa was closed before the text had ended";

  private final BlockingQueue<Consumer<DecodeLoop>> work = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final EngineInfo info;
  private Engine engine;
  private volatile DecodeLoop loop;
  private boolean closed;

  /**
   * Opens the engine on the new thread; throws here what that throws.
   *
   * @param vocabulary the model's number of tokens
   */
  EngineThread(Supplier<Engine> open, int vocabulary) {
    CompletableFuture<EngineInfo> opened = new CompletableFuture<>();
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("resa-engine")
            .start(
                () -> {
                  try {
                    engine = open.get();
                  } catch (Throwable e) {
                    opened.completeExceptionally(e);
                    return;
                  }
                  loop = new DecodeLoop(engine, vocabulary);
                  opened.complete(engine.info());
                  run();
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
    CompletableFuture<DecodeResult> result = new CompletableFuture<>();
    add(
        ignored -> {
          try {
            loop.add(request)
                .whenComplete(
                    (done, failure) -> {
                      if (failure == null) {
                        result.complete(done);
                      } else {
                        result.completeExceptionally(failure);
                      }
                    });
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        },
        result);
    return result;
  }

  /**
   * Asks the engine something and waits for the answer.
   *
   * @throws IllegalStateException if it is closed
   */
  <T> T ask(Function<Engine, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    add(
        ignored -> {
          try {
            answer.complete(question.apply(engine));
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        },
        answer);
    return answer.join();
  }

  private synchronized void add(Consumer<DecodeLoop> each, CompletableFuture<?> result) {
    if (closed) {
      throw new IllegalStateException("the Resa is closed");
    }
    work.add(
        ignored -> {
          if (isClosed()) {
            result.completeExceptionally(new IllegalStateException(CLOSED));
          } else {
            each.accept(loop);
          }
        });
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void run() {
    boolean busy = false;
    while (!isClosed()) {
      try {
        // With nothing to decode, sleeps until there is work.
        Consumer<DecodeLoop> next = busy ? work.poll() : work.take();
        for (; next != null; next = work.poll()) {
          next.accept(loop);
        }
        busy = loop.tick();
      } catch (InterruptedException e) {
        // Only close() interrupts, and has said so.
      } catch (Throwable e) {
        // What the engine holds is in doubt: all who wait hear of it, and later texts begin anew.
        loop.fail(e);
        busy = false;
      }
    }
    loop.fail(new IllegalStateException(CLOSED));
    for (Consumer<DecodeLoop> next = work.poll(); next != null; next = work.poll()) {
      next.accept(loop);
    }
    engine.close();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (!closed) {
        closed = true;
        loop.stop();
        // Wakes it where it sleeps.
        work.add(ignored -> {});
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
