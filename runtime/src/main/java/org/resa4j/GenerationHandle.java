package org.resa4j;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.resa4j.generate.Cancellation;

/**
 * A text that is being written: its result, its tokens as they come, and a way to end it.
 *
 * <p>Tokens can be pulled ({@link #iterator}) or pushed ({@link #publisher}), by any number of
 * readers, each from the first token on; they are kept, so that no reader holds up the writing.
 *
 * <p>Thread-safe.
 */
public final class GenerationHandle implements Iterable<GeneratedToken> {
  private final Cancellation cancellation = new Cancellation();
  private final CompletableFuture<Generation> written = new CompletableFuture<>();
  private final CompletableFuture<Generation> result = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final List<GeneratedToken> tokens = new ArrayList<>();
  private boolean ended;
  private Throwable failure;

  GenerationHandle() {
    // Cancelled, timed out or failed by its holder: nobody wants the text any more.
    result.whenComplete(
        (generation, failure) -> {
          if (failure != null) {
            cancel();
          }
        });
  }

  /**
   * The result; of a cancelled text what was written, with finish reason {@code CANCELLED}. To
   * cancel it or to let it time out ends the writing too. Fails with {@link
   * org.resa4j.error.DeviceException} if the device does, and with {@link IllegalStateException} if
   * the {@link Resa} is closed first.
   */
  public CompletableFuture<Generation> result() {
    return result;
  }

  /**
   * Waits for the result.
   *
   * @throws RuntimeException what the writing failed with, itself
   */
  public Generation join() {
    try {
      return written.join();
    } catch (CompletionException e) {
      throw asUnchecked(e.getCause());
    }
  }

  /** Ends the text before its next token. Ending it twice, or after its end, does nothing. */
  public void cancel() {
    cancellation.cancel();
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /**
   * The tokens, from the first on; {@code hasNext} waits for the next one or the end, and throws
   * what the writing failed with, or {@link CancellationException} where the waiting thread is
   * interrupted, which stays so.
   */
  @Override
  public Iterator<GeneratedToken> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return await(next);
      }

      @Override
      public GeneratedToken next() {
        if (!hasNext()) {
          throw new NoSuchElementException("the text has ended");
        }
        return token(next++);
      }
    };
  }

  /**
   * The tokens, pushed as far as they are asked for. Each subscriber gets them on a thread of its
   * own, from the first on. Its {@code cancel} ends the subscription, not the writing.
   */
  public Flow.Publisher<GeneratedToken> publisher() {
    return new TokenPublisher(this);
  }

  void publish(GeneratedToken token) {
    lock.lock();
    try {
      tokens.add(token);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void complete(Generation generation) {
    end(null);
    written.complete(generation);
    result.complete(generation);
  }

  void fail(Throwable cause) {
    end(cause);
    written.completeExceptionally(cause);
    result.completeExceptionally(cause);
  }

  private void end(Throwable cause) {
    lock.lock();
    try {
      ended = true;
      failure = cause;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is a token of that index, or the end; returns whether there is one. */
  private boolean await(int index) {
    lock.lock();
    try {
      while (tokens.size() <= index && !ended) {
        changed.await();
      }
      if (tokens.size() > index) {
        return true;
      }
      if (failure != null) {
        throw asUnchecked(failure);
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedWait(e);
    } finally {
      lock.unlock();
    }
  }

  private GeneratedToken token(int index) {
    lock.lock();
    try {
      return tokens.get(index);
    } finally {
      lock.unlock();
    }
  }

  private static RuntimeException asUnchecked(Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(cause);
    };
  }

  /** The thread that waits for a token was interrupted. */
  static final class InterruptedWait extends CancellationException {
    private static final long serialVersionUID = 1L;

    private InterruptedWait(InterruptedException cause) {
      super("interrupted while waiting for a token");
      initCause(cause);
    }
  }
}
