package org.resa4j;

import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.resa4j.cache.BlockCache;
import org.resa4j.cache.CacheFiles;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.error.BusyException;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Scheduler;

/**
 * The one thread that touches an engine, from its opening to its closing: engines take one call at
 * a time, and some devices tie their state to a thread. Others hand it work.
 *
 * <p>Thread-safe. {@link #close} lets the call that is under way return, a step or a chunk of a
 * prompt, and fails what is left.
 */
final class EngineThread implements AutoCloseable, CacheFiles.Access {
  private static final String CLOSED = "the Resa was closed before the text had ended";

  private final BlockingQueue<Consumer<Scheduler>> work = new LinkedBlockingQueue<>();

  /** What others wait for; whatever happens to the thread, all of it ends. */
  private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();

  /** Texts that were asked for and have not ended. */
  private final AtomicInteger texts = new AtomicInteger();

  private final int mostTexts;
  private final Thread thread;
  private final EngineInfo info;
  private Engine engine;

  /** As of the last tick. */
  private volatile EngineLoad load;

  private boolean closed;

  /**
   * Opens the engine on the new thread; throws here what that throws.
   *
   * @param opening hears how far it is
   * @param vocabulary the model's number of tokens
   * @param mostTexts that may be open at a time, those that wait included
   */
  EngineThread(Supplier<Engine> opener, Opening opening, int vocabulary, int mostTexts) {
    this.mostTexts = mostTexts;
    CompletableFuture<EngineInfo> opened = new CompletableFuture<>();
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("resa-engine")
            .start(
                () -> {
                  try {
                    engine = opener.get();
                    Scheduler scheduler = new Scheduler(engine, vocabulary);
                    note(scheduler);
                    opened.complete(engine.info());
                    run(scheduler);
                  } catch (Throwable e) {
                    opened.completeExceptionally(e);
                  } finally {
                    end();
                  }
                });
    info = opening.await(opened);
  }

  EngineInfo info() {
    return info;
  }

  /**
   * Hands a request over.
   *
   * @return the result, completed on this thread: what hangs on it must be short
   * @throws IllegalStateException if it is closed
   * @throws BusyException if as many texts are open as may be
   */
  CompletableFuture<DecodeResult> decode(DecodeRequest request) {
    long requestedAt = System.nanoTime();
    if (texts.incrementAndGet() > mostTexts) {
      texts.decrementAndGet();
      throw new BusyException(mostTexts);
    }
    CompletableFuture<DecodeResult> result = opened();
    return add(
        result,
        scheduler ->
            submitted(scheduler, request, requestedAt)
                .whenComplete(
                    (done, failure) -> {
                      // Before anybody hears of it, who may ask for the next.
                      texts.decrementAndGet();
                      if (failure == null) {
                        result.complete(done);
                      } else {
                        result.completeExceptionally(failure);
                      }
                    }));
  }

  /** How busy it is; asks nobody, and so waits for nobody. */
  EngineLoad load() {
    EngineLoad last = load;
    int waiting = Math.max(0, texts.get() - last.running());
    return new EngineLoad(
        waiting, last.running(), last.pages(), last.heldPages(), last.usedPages());
  }

  private void note(Scheduler scheduler) {
    BlockCache cache = scheduler.cache();
    load =
        new EngineLoad(0, scheduler.running(), cache.pages(), cache.heldPages(), cache.usedPages());
  }

  private static CompletableFuture<DecodeResult> submitted(
      Scheduler scheduler, DecodeRequest request, long requestedAt) {
    try {
      return scheduler.submit(request, requestedAt);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Asks the engine something between two ticks, and waits for the answer.
   *
   * @throws IllegalStateException if it is closed
   */
  @Override
  public <T> T ask(BiFunction<Engine, BlockCache, T> question) {
    CompletableFuture<T> answer = opened();
    add(answer, scheduler -> answer.complete(question.apply(engine, scheduler.cache())));
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private <T> CompletableFuture<T> opened() {
    CompletableFuture<T> result = new CompletableFuture<>();
    open.add(result);
    result.whenComplete((done, failure) -> open.remove(result));
    return result;
  }

  private synchronized <T> CompletableFuture<T> add(
      CompletableFuture<T> result, Consumer<Scheduler> each) {
    if (closed) {
      result.cancel(false);
      throw new IllegalStateException("the Resa is closed");
    }
    work.add(
        scheduler -> {
          try {
            each.accept(scheduler);
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void run(Scheduler scheduler) {
    boolean busy = false;
    while (!isClosed()) {
      try {
        // With nothing to decode, sleeps until there is work.
        Consumer<Scheduler> next = busy ? work.poll() : work.take();
        for (; next != null && !isClosed(); next = work.poll()) {
          next.accept(scheduler);
        }
        busy = !isClosed() && scheduler.tick();
        note(scheduler);
      } catch (InterruptedException e) {
        // Nobody interrupts this thread but a debugger; close() wakes it by work.
      } catch (Throwable e) {
        // What the engine holds is in doubt: all who wait hear of it, and later texts begin anew.
        scheduler.fail(e);
        note(scheduler);
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
        work.add(scheduler -> {});
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
