package org.resa4j.spark;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the tasks of a process share, opened by the first that needs it. It stays open for those
 * that follow, until there was none for a while, or another one is to be opened, for which it might
 * leave no memory.
 *
 * <p>Thread-safe. One lock covers all, opening and closing too: what closes is closed before
 * another opens.
 */
final class Shared<K, T extends AutoCloseable> {
  private static final System.Logger LOG = System.getLogger(Shared.class.getName());

  private final Duration idle;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("resa-shared").factory());

  // Guarded by this.
  private final Map<K, Entry<T>> entries = new HashMap<>();

  /**
   * @param idle how long one stays open that nobody uses
   */
  Shared(Duration idle) {
    this.idle = idle;
  }

  /** One that is open. Guarded by the Shared. */
  private static final class Entry<T extends AutoCloseable> {
    private final T opened;
    private int users;
    private long unusedSince;

    Entry(T opened) {
      this.opened = opened;
    }

    void close() {
      try {
        opened.close();
      } catch (Exception e) {
        // Of no consequence to the task that happens to close it.
        LOG.log(Level.WARNING, "what tasks shared cannot be closed", e);
      }
    }
  }

  /** One user's hold. */
  final class Lease implements AutoCloseable {
    private final K key;
    private final Entry<T> entry;
    private boolean ended;

    private Lease(K key, Entry<T> entry) {
      this.key = key;
      this.entry = entry;
    }

    T get() {
      return entry.opened;
    }

    /** Has the next user open another; this one closes with its last user. */
    void discard() {
      synchronized (Shared.this) {
        entries.remove(key, entry);
      }
    }

    /** Closing it twice does nothing. */
    @Override
    public void close() {
      synchronized (Shared.this) {
        if (ended) {
          return;
        }
        ended = true;
        entry.users--;
        entry.unusedSince = System.nanoTime();
        if (entry.users == 0 && entries.get(key) == entry) {
          clock.schedule(() -> expire(key, entry), idle.toMillis(), TimeUnit.MILLISECONDS);
        } else if (entry.users == 0) {
          entry.close();
        }
      }
    }
  }

  /** Holds what is open for a key, opened first where it is not. */
  synchronized Lease acquire(K key, Supplier<T> open) {
    Entry<T> entry = entries.get(key);
    if (entry == null) {
      closeUnused();
      entry = new Entry<>(open.get());
      entries.put(key, entry);
    }
    entry.users++;
    return new Lease(key, entry);
  }

  private void closeUnused() {
    for (Iterator<Entry<T>> all = entries.values().iterator(); all.hasNext(); ) {
      Entry<T> entry = all.next();
      if (entry.users == 0) {
        all.remove();
        entry.close();
      }
    }
  }

  private synchronized void expire(K key, Entry<T> entry) {
    boolean used = entry.users > 0 || System.nanoTime() - entry.unusedSince < idle.toNanos();
    if (!used && entries.remove(key, entry)) {
      entry.close();
    }
  }

  /** How many are open and not discarded. */
  synchronized int size() {
    return entries.size();
  }
}
