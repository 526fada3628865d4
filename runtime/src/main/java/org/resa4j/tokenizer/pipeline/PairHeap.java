package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/** Pairs by rank, then by position; four children to a node. */
final class PairHeap {
  private static final int CHILDREN = 4;

  private long[] items;
  private int size;

  PairHeap(int expected) {
    items = new long[Math.max(16, expected)];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The rank of the first pair. */
  int rank() {
    return (int) (items[0] >>> 32);
  }

  /** The position of the first pair. */
  int position() {
    return (int) items[0];
  }

  /** Takes a pair in without order; {@link #order} comes before everything else. */
  void append(int rank, int position) {
    if (size == items.length) {
      items = Arrays.copyOf(items, Growth.next(size, size + 1L));
    }
    items[size++] = (long) rank << 32 | position;
  }

  void order() {
    for (int i = (size - 2) / CHILDREN; i >= 0 && size > 1; i--) {
      sink(i, items[i]);
    }
  }

  void put(int rank, int position) {
    append(rank, position);
    int at = size - 1;
    long item = items[at];
    while (at > 0 && items[(at - 1) / CHILDREN] > item) {
      items[at] = items[(at - 1) / CHILDREN];
      at = (at - 1) / CHILDREN;
    }
    items[at] = item;
  }

  /** Removes the first pair. */
  void remove() {
    long last = items[--size];
    if (size > 0) {
      sink(0, last);
    }
  }

  private void sink(int from, long item) {
    int at = from;
    while (true) {
      long first = (long) CHILDREN * at + 1;
      if (first >= size) {
        break;
      }
      int least = (int) first;
      int end = (int) Math.min(size, first + CHILDREN);
      for (int child = least + 1; child < end; child++) {
        if (items[child] < items[least]) {
          least = child;
        }
      }
      if (items[least] >= item) {
        break;
      }
      items[at] = items[least];
      at = least;
    }
    items[at] = item;
  }
}
