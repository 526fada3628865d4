package org.resa4j.engine.jvm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A team of threads that runs one loop at a time. The caller works too. Between loops the others
 * spin for a moment, then sleep: a forward pass is hundreds of short loops in a row, and nothing is
 * allocated for any of them.
 *
 * <p>A worker that is not there when a loop ends, because the machine gave its core to somebody
 * else, is not waited for: only those inside the loop are.
 */
final class Workers implements AutoCloseable {
  /** The body of a loop. */
  interface Body {
    /**
     * @param index the iteration
     * @param worker the thread that runs it, from 0, for its scratch space
     */
    void run(int index, int worker);
  }

  /** Longer than the serial parts between two loops of a layer, so that workers are still awake. */
  private static final long SPIN_NANOS = 100_000;

  private static final int SPINS_BEFORE_YIELD = 10_000;

  /** Each is gone long before, unless the machine has no core for it. */
  private static final long CLOSE_MILLIS = 1000;

  private static final long OPEN = 1L << 31;
  private static final long INSIDE = OPEN - 1;

  private final Thread[] threads;
  private final AtomicIntegerArray asleep;
  private final AtomicInteger next = new AtomicInteger();

  /** The loop's number (upper half), whether it can be entered, and how many workers are inside. */
  private final AtomicLong state = new AtomicLong();

  // Written by the caller while nobody is inside.
  private Body body;
  private int count;
  private volatile boolean closed;
  private volatile Throwable failure;

  /**
   * @param size threads in all, the caller's included
   */
  Workers(int size) {
    threads = new Thread[size - 1];
    asleep = new AtomicIntegerArray(size - 1);
    try {
      for (int i = 0; i < threads.length; i++) {
        int worker = i + 1;
        threads[i] =
            Thread.ofPlatform().daemon().name("resa-worker-" + worker).start(() -> work(worker));
      }
    } catch (Throwable e) {
      // The system gives no more threads: those that it gave must not stay.
      close();
      throw e;
    }
  }

  int size() {
    return threads.length + 1;
  }

  /** Runs {@code body} for each index from 0 to {@code count} - 1 and returns when all are done. */
  void run(int count, Body body) {
    if (count == 1 || threads.length == 0) {
      for (int i = 0; i < count; i++) {
        body.run(i, 0);
      }
      return;
    }
    this.body = body;
    this.count = count;
    failure = null;
    next.set(0);
    state.set((((state.get() >>> 32) + 1) << 32) | OPEN);
    for (int i = 0; i < threads.length; i++) {
      if (asleep.get(i) != 0) {
        LockSupport.unpark(threads[i]);
      }
    }
    take(0);
    state.addAndGet(-OPEN);
    for (int spins = 0; (state.get() & INSIDE) != 0; spins++) {
      if (spins < SPINS_BEFORE_YIELD) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    if (failure != null) {
      throw new IllegalStateException("a worker failed", failure);
    }
  }

  private void take(int worker) {
    try {
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        body.run(i, worker);
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void work(int worker) {
    long seen = 0;
    while (!closed) {
      seen = await(seen, worker - 1);
      if (enter(seen)) {
        take(worker);
        state.decrementAndGet();
      }
    }
  }

  /** Goes inside the loop of that number if it can still be entered. */
  private boolean enter(long number) {
    long current = state.get();
    while (current >>> 32 == number && (current & OPEN) != 0) {
      if (state.compareAndSet(current, current + 1)) {
        return true;
      }
      current = state.get();
    }
    return false;
  }

  /** Waits for a loop of another number than {@code seen}; returns it. */
  private long await(long seen, int index) {
    long start = System.nanoTime();
    while (true) {
      long number = state.get() >>> 32;
      if (number != seen || closed) {
        return number;
      }
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
        continue;
      }
      asleep.set(index, 1);
      if (state.get() >>> 32 == seen && !closed) {
        LockSupport.park(this);
      }
      asleep.set(index, 0);
      start = System.nanoTime();
    }
  }

  /** Ends the threads, and waits for them. Not from one of them. */
  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      // Does nothing for one that was never started.
      LockSupport.unpark(thread);
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        if (thread != null) {
          thread.join(CLOSE_MILLIS);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
