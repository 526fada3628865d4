package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/** A list of ints that grows. */
final class IntList {
  private int[] items = new int[64];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, Growth.next(size, size + 1L));
    }
    items[size++] = item;
  }

  void addAll(int[] more) {
    if (size + more.length > items.length) {
      items = Arrays.copyOf(items, Growth.next(size, (long) size + more.length));
    }
    System.arraycopy(more, 0, items, size, more.length);
    size += more.length;
  }

  int get(int index) {
    return items[index];
  }

  void set(int index, int item) {
    items[index] = item;
  }

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(items, size);
  }

  int[] toArray(int from) {
    return Arrays.copyOfRange(items, from, size);
  }
}
