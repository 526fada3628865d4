package org.resa4j.engine.jvm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A team of threads that runs one loop at a time. The caller works too. Between loops the others
 * spin for a moment, then sleep: a forward pass is hundreds of short loops in a row, and nothing is
 * allocated for any of them.
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

  private final Thread[] threads;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger round = new AtomicInteger();
  private final AtomicIntegerArray asleep;

  // Written by the caller before the round is released, read by workers after it is acquired.
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
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("resa-worker-" + worker).start(() -> work(worker));
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
    running.set(threads.length);
    round.incrementAndGet();
    for (int i = 0; i < threads.length; i++) {
      if (asleep.get(i) != 0) {
        LockSupport.unpark(threads[i]);
      }
    }
    take(0);
    for (int spins = 0; running.get() > 0; spins++) {
      // Where cores are fewer than threads, the one waited for may be off its core: let it run.
      if (spins < SPINS_BEFORE_YIELD) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    this.body = null;
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
    int seen = 0;
    while (true) {
      seen = await(seen, worker - 1);
      if (closed) {
        return;
      }
      take(worker);
      running.decrementAndGet();
    }
  }

  private int await(int seen, int index) {
    long start = System.nanoTime();
    while (true) {
      int current = round.get();
      if (current != seen || closed) {
        return current;
      }
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
        continue;
      }
      asleep.set(index, 1);
      if (round.get() == seen && !closed) {
        LockSupport.park(this);
      }
      asleep.set(index, 0);
      start = System.nanoTime();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
