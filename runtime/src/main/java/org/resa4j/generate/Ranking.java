package org.resa4j.generate;

import java.util.Arrays;

/**
 * Tokens by their logits, the likeliest first, ranked as far as asked for: few carry the mass, and
 * those far below the likeliest are looked at only if the ranks reach them.
 *
 * <p>Not thread-safe.
 */
final class Ranking {
  /**
   * How far below the highest logit those are that are ranked, in temperatures, then all: a weight
   * of a thousandth of the highest's, and of a millionth, are where most sums end.
   */
  private static final double[] DEPTHS = {7, 14, Double.POSITIVE_INFINITY};

  private final float[] logits;

  /** A heap of tokens, then those taken off it, the likeliest last. */
  private final int[] order;

  /** Room for the highest logits, used again. */
  private float[] highestOnes = {};

  private double temperature;
  private float highest;
  private int depth;
  private int count;
  private int heapSize;

  Ranking(float[] logits) {
    this.logits = logits;
    order = new int[logits.length];
  }

  /** Begins anew with the logits as they are now. */
  void begin(float highestLogit, double ofTemperature) {
    highest = highestLogit;
    temperature = ofTemperature;
    depth = -1;
    count = 0;
  }

  /** The same where no more than the first {@code ranks} will be asked for. */
  void begin(float highestLogit, double ofTemperature, int ranks) {
    begin(highestLogit, ofTemperature);
    if (ranks < logits.length / 8) {
      depth = 0;
      take(atRank(ranks));
    }
  }

  /** The token of a rank, 0 the likeliest, of equal logits the lower id. */
  int token(int rank) {
    while (rank >= count) {
      depth++;
      take((float) (highest - temperature * DEPTHS[depth]));
    }
    while (heapSize >= count - rank) {
      heapSize--;
      int top = order[0];
      order[0] = order[heapSize];
      order[heapSize] = top;
      siftDown(0);
    }
    return order[count - 1 - rank];
  }

  /** Makes a heap of the tokens whose logits are no less. */
  private void take(float least) {
    int taken = 0;
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] >= least) {
        order[taken++] = token;
      }
    }
    count = taken;
    heapSize = taken;
    for (int i = taken / 2 - 1; i >= 0; i--) {
      siftDown(i);
    }
  }

  /** The logit of the last of so many ranks, at least one. */
  private float atRank(int ranks) {
    // A heap of the highest seen so far, the least of them on top.
    if (highestOnes.length < ranks) {
      highestOnes = new float[ranks];
    }
    float[] heap = highestOnes;
    Arrays.fill(heap, 0, ranks, Float.NEGATIVE_INFINITY);
    for (float logit : logits) {
      if (logit > heap[0]) {
        int parent = 0;
        int child = 1;
        while (child < ranks) {
          if (child + 1 < ranks && heap[child + 1] < heap[child]) {
            child++;
          }
          if (heap[child] >= logit) {
            break;
          }
          heap[parent] = heap[child];
          parent = child;
          child = 2 * parent + 1;
        }
        heap[parent] = logit;
      }
    }
    return heap[0];
  }

  private void siftDown(int from) {
    int parent = from;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= heapSize) {
        return;
      }
      if (child + 1 < heapSize && above(order[child + 1], order[child])) {
        child++;
      }
      if (!above(order[child], order[parent])) {
        return;
      }
      int swapped = order[parent];
      order[parent] = order[child];
      order[child] = swapped;
      parent = child;
    }
  }

  private boolean above(int a, int b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  }
}
