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
  private final int[] order;

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
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    int kept = sampling.topK() == 0 ? order.length : Math.min(sampling.topK(), order.length);
    boolean sorted = kept < order.length || sampling.topP() < 1;
    if (sorted) {
      makeHeap();
    }
    // Taken off the heap in descending order, so that top-p stops early: few tokens carry the mass.
    float max = sorted ? logits[order[0]] : max();
    double total = sorted && kept == order.length ? sum(max) : 0;
    double mass = 0;
    int end = order.length;
    int taken = 0;
    if (!sorted) {
      mass = sum(max);
      taken = order.length;
    } else if (kept < order.length) {
      for (int i = 0; i < kept; i++) {
        total += weight(logits[popTo(--end)], max);
      }
      end = order.length;
      while (taken < kept && (taken == 0 || mass < sampling.topP() * total)) {
        mass += weight(logits[order[--end]], max);
        taken++;
      }
    } else {
      while (taken < kept && (taken == 0 || mass < sampling.topP() * total)) {
        mass += weight(logits[popTo(--end)], max);
        taken++;
      }
    }
    double at = random.nextDouble() * mass;
    for (int i = 1; i < taken; i++) {
      int token = order[order.length - i];
      at -= weight(logits[token], max);
      if (at < 0) {
        return token;
      }
    }
    return order[order.length - taken];
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
    for (int i = order.length / 2 - 1; i >= 0; i--) {
      siftDown(i, order.length);
    }
  }

  /** Moves the highest of the heap's {@code last + 1} tokens behind it; returns it. */
  private int popTo(int last) {
    int highest = order[0];
    order[0] = order[last];
    order[last] = highest;
    siftDown(0, last);
    return highest;
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
