package org.resa4j.spark;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the tasks of a process share, opened by the first that needs it. It stays open for those
 * that follow, until there was none for a while or another one is to be opened, for which it might
 * leave no memory.
 *
 * <p>Thread-safe.
 */
final class Shared<K, T extends AutoCloseable> {
  private final Duration idle;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("resa-shared").factory());

  // Guarded by this.
  private final Map<K, Entry> entries = new HashMap<>();

  /**
   * @param idle how long one stays open that nobody uses
   */
  Shared(Duration idle) {
    this.idle = idle;
  }

  /** What there is to a key. */
  private final class Entry {
    // Guarded by the Shared.
    private int users;
    private long unusedSince;

    // Guarded by this.
    private T opened;

    synchronized T opened(Supplier<T> open) {
      if (opened == null) {
        opened = open.get();
      }
      return opened;
    }

    synchronized void close() {
      if (opened != null) {
        try {
          opened.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        } finally {
          opened = null;
        }
      }
    }
  }

  /** One user's hold. */
  final class Lease implements AutoCloseable {
    private final K key;
    private final Entry entry;
    private final T opened;
    private boolean ended;

    private Lease(K key, Entry entry, T opened) {
      this.key = key;
      this.entry = entry;
      this.opened = opened;
    }

    T get() {
      return opened;
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
        if (entry.users > 0) {
          return;
        }
        if (entries.get(key) == entry) {
          clock.schedule(() -> expire(key, entry), idle.toMillis(), TimeUnit.MILLISECONDS);
          return;
        }
      }
      entry.close();
    }
  }

  /** Holds what is open for a key, opened first where it is not. */
  Lease acquire(K key, Supplier<T> open) {
    Entry entry;
    boolean isNew;
    synchronized (this) {
      isNew = !entries.containsKey(key);
      entry = entries.computeIfAbsent(key, each -> new Entry());
      entry.users++;
    }
    try {
      if (isNew) {
        closeUnused();
      }
      return new Lease(key, entry, entry.opened(open));
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        entry.users--;
        if (entry.users == 0) {
          entries.remove(key, entry);
        }
      }
      throw e;
    }
  }

  private void closeUnused() {
    Map<K, Entry> unused = new HashMap<>();
    synchronized (this) {
      entries.forEach(
          (key, entry) -> {
            if (entry.users == 0) {
              unused.put(key, entry);
            }
          });
      unused.forEach(entries::remove);
    }
    unused.values().forEach(Entry::close);
  }

  private void expire(K key, Entry entry) {
    synchronized (this) {
      boolean used = entry.users > 0 || System.nanoTime() - entry.unusedSince < idle.toNanos();
      if (used || !entries.remove(key, entry)) {
        return;
      }
    }
    entry.close();
  }

  /** How many there are, open or about to be. */
  synchronized int size() {
    return entries.size();
  }
}
