package org.resa4j.generate;

import java.util.Random;
import org.resa4j.engine.Engine;

/**
 * Chooses tokens for one sequence. Temperature first, then top-k, then top-p over what is left.
 *
 * <p>Not thread-safe; nothing is allocated per token.
 */
final class Sampler {
  private final Sampling sampling;
  private final Random random;
  private final float[] logits;

  /** A heap of tokens, then those taken off it, the likeliest last. */
  private final int[] order;

  private int heapSize;

  Sampler(Sampling sampling, int vocabulary) {
    this.sampling = sampling;
    random = new Random(sampling.seed());
    logits = sampling.isGreedy() ? new float[0] : new float[vocabulary];
    order = new int[logits.length];
  }

  /** Chooses from a row of the engine's logits. */
  int next(Engine engine, int row) {
    if (sampling.isGreedy()) {
      return engine.argmax(row);
    }
    engine.logits(row, logits);
    return choose();
  }

  /** Chooses from given logits; they are overwritten. */
  int next(float[] given) {
    System.arraycopy(given, 0, logits, 0, logits.length);
    return choose();
  }

  private int choose() {
    int limit = sampling.topK() == 0 ? logits.length : Math.min(sampling.topK(), logits.length);
    float max = max();
    if (limit == logits.length && sampling.topP() == 1) {
      return chooseFromAll(max);
    }
    makeHeap();
    double total = 0;
    if (limit == logits.length) {
      total = sum(max);
    } else {
      for (int rank = 0; rank < limit; rank++) {
        total += weight(logits[ranked(rank)], max);
      }
    }
    int taken = 0;
    double mass = 0;
    while (taken < limit && (taken == 0 || mass < sampling.topP() * total)) {
      mass += weight(logits[ranked(taken++)], max);
    }
    double at = random.nextDouble() * mass;
    for (int rank = 0; rank < taken - 1; rank++) {
      at -= weight(logits[ranked(rank)], max);
      if (at < 0) {
        return ranked(rank);
      }
    }
    return ranked(taken - 1);
  }

  private int chooseFromAll(float max) {
    double at = random.nextDouble() * sum(max);
    for (int token = 0; token < logits.length - 1; token++) {
      at -= weight(logits[token], max);
      if (at < 0) {
        return token;
      }
    }
    return logits.length - 1;
  }

  private double weight(float logit, float max) {
    return Math.exp((logit - max) / sampling.temperature());
  }

  private float max() {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    return max;
  }

  private double sum(float max) {
    double sum = 0;
    for (float logit : logits) {
      sum += weight(logit, max);
    }
    return sum;
  }

  private void makeHeap() {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    heapSize = order.length;
    for (int i = order.length / 2 - 1; i >= 0; i--) {
      siftDown(i, heapSize);
    }
  }

  /**
   * The token of a rank, 0 the likeliest. Taken off the heap as far as asked for: few tokens carry
   * the mass.
   */
  private int ranked(int rank) {
    while (heapSize >= order.length - rank) {
      heapSize--;
      int highest = order[0];
      order[0] = order[heapSize];
      order[heapSize] = highest;
      siftDown(0, heapSize);
    }
    return order[order.length - 1 - rank];
  }

  private void siftDown(int from, int size) {
    int parent = from;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && above(order[child + 1], order[child])) {
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

  /** The lower id of equal logits comes first, so that a seed gives one text. */
  private boolean above(int a, int b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  }
}
