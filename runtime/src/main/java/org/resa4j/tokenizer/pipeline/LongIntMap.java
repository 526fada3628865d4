package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/** From longs, not negative, to ints, not negative; in two flat arrays. */
final class LongIntMap {
  private static final long FREE = -1;
  static final int NONE = -1;

  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap(int entries) {
    int length = Hashing.tableLength(entries);
    keys = new long[length];
    values = new int[length];
    Arrays.fill(keys, FREE);
  }

  int size() {
    return size;
  }

  /** Hears entries. */
  interface Entries {
    void entry(long key, int value);
  }

  /** Tells all entries, in no order. */
  void forEach(Entries heard) {
    for (int slot = 0; slot < keys.length; slot++) {
      if (keys[slot] != FREE) {
        heard.entry(keys[slot], values[slot]);
      }
    }
  }

  /** The value of a key, or {@link #NONE}. */
  int get(long key) {
    int mask = keys.length - 1;
    for (int slot = Hashing.of(key) & mask; ; slot = (slot + 1) & mask) {
      long found = keys[slot];
      if (found == key) {
        return values[slot];
      }
      if (found == FREE) {
        return NONE;
      }
    }
  }

  /** Sets the value of a key. Returns the one it had, or {@link #NONE}. */
  int put(long key, int value) {
    int mask = keys.length - 1;
    for (int slot = Hashing.of(key) & mask; ; slot = (slot + 1) & mask) {
      if (keys[slot] == key) {
        int before = values[slot];
        values[slot] = value;
        return before;
      }
      if (keys[slot] == FREE) {
        keys[slot] = key;
        values[slot] = value;
        if (2 * ++size > keys.length) {
          grow();
        }
        return NONE;
      }
    }
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[keys.length];
    Arrays.fill(keys, FREE);
    int mask = keys.length - 1;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != FREE) {
        int slot = Hashing.of(oldKeys[i]) & mask;
        while (keys[slot] != FREE) {
          slot = (slot + 1) & mask;
        }
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
