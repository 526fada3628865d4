package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * The tokens of one word while they are merged; used again for the next. Short words are looked
 * through for the best pair again and again; long ones have their pairs in a heap, which takes time
 * proportional to n log n.
 */
final class BpeWord {
  /** From here on the heap is faster. */
  private static final int LONG = 64;

  private static final int REMOVED = -1;

  private final Merges merges;
  private final boolean alwaysHeap;
  private int[] tokens = new int[LONG];
  private int[] ranks = new int[LONG];
  private int[] previous = {};
  private int[] next = {};
  private int size;

  /**
   * @param alwaysHeap whether a merge may leave a token as it was, so that the order in which the
   *     reference library comes across outdated pairs matters
   */
  BpeWord(Merges merges, boolean alwaysHeap) {
    this.merges = merges;
    this.alwaysHeap = alwaysHeap;
  }

  void clear() {
    size = 0;
  }

  void add(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, Growth.next(size, size + 1L));
    }
    tokens[size++] = token;
  }

  /** Merges what can be, and adds the tokens that are left. */
  void merge(IntList out) {
    if (size < LONG && !alwaysHeap) {
      scan();
    } else {
      mergeByHeap();
    }
    for (int i = 0; i < size; i++) {
      if (tokens[i] != REMOVED) {
        out.add(tokens[i]);
      }
    }
  }

  private void scan() {
    for (int i = 0; i + 1 < size; i++) {
      ranks[i] = rank(i, i + 1);
    }
    while (size > 1) {
      int best = Integer.MAX_VALUE;
      int at = 0;
      for (int i = 0; i + 1 < size; i++) {
        if (ranks[i] < best) {
          best = ranks[i];
          at = i;
        }
      }
      if (best == Integer.MAX_VALUE) {
        return;
      }
      tokens[at] = merges.token(best);
      System.arraycopy(tokens, at + 2, tokens, at + 1, size - at - 2);
      System.arraycopy(ranks, at + 2, ranks, at + 1, Math.max(0, size - at - 3));
      size--;
      if (at + 1 < size) {
        ranks[at] = rank(at, at + 1);
      }
      if (at > 0) {
        ranks[at - 1] = rank(at - 1, at);
      }
    }
  }

  private int rank(int left, int right) {
    int rank = merges.rank(tokens[left], tokens[right]);
    return rank == Merges.NONE ? Integer.MAX_VALUE : rank;
  }

  private void mergeByHeap() {
    if (previous.length < size) {
      previous = new int[tokens.length];
      next = new int[tokens.length];
    }
    PairHeap heap = new PairHeap(size);
    for (int i = 0; i < size; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
      if (i + 1 < size) {
        int rank = merges.rank(tokens[i], tokens[i + 1]);
        if (rank != Merges.NONE) {
          heap.append(rank, i);
        }
      }
    }
    heap.order();
    while (!heap.isEmpty()) {
      int at = heap.position();
      int merged = merges.token(heap.rank());
      heap.remove();
      if (tokens[at] == REMOVED || next[at] >= size) {
        continue;
      }
      int right = next[at];
      int rank = merges.rank(tokens[at], tokens[right]);
      // Another pair than the one that was put in, unless it gives the same token.
      if (rank == Merges.NONE || merges.token(rank) != merged) {
        continue;
      }
      tokens[at] = merged;
      tokens[right] = REMOVED;
      next[at] = next[right];
      if (next[at] < size) {
        previous[next[at]] = at;
        put(heap, at, next[at]);
      }
      if (previous[at] >= 0) {
        put(heap, previous[at], at);
      }
    }
  }

  private void put(PairHeap heap, int left, int right) {
    int rank = merges.rank(tokens[left], tokens[right]);
    if (rank != Merges.NONE) {
      heap.put(rank, left);
    }
  }
}
