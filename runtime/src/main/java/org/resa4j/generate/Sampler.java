package org.resa4j.generate;

import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.resa4j.engine.Engine;

/**
 * Chooses tokens for one sequence: repetition penalty, temperature, top-k, then top-p over what is
 * left, then min-p.
 *
 * <p>Not thread-safe.
 */
final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;
  private final int vocabulary;
  private float[] logits;

  /** A heap of tokens, then those taken off it, the likeliest last. */
  private int[] order;

  /** Tokens that the repetition penalty is for. */
  private final BitSet seen = new BitSet();

  private final OptionalInt logProbabilities;
  private int heapSize;

  /**
   * @param logProbabilities how many of the likeliest tokens come with a choice, and whether it
   *     comes with its probability at all
   */
  Sampler(Sampling sampling, OptionalInt logProbabilities, int vocabulary) {
    this.sampling = sampling;
    this.logProbabilities = logProbabilities;
    // Not Random, whose first numbers of neighbouring seeds are nearly the same.
    random = new SplittableRandom(sampling.seed());
    this.vocabulary = vocabulary;
  }

  /** At the first choice: requests may wait in numbers. */
  private void allocate() {
    if (logits == null) {
      logits = new float[vocabulary];
      order = new int[sampling.isGreedy() ? 0 : vocabulary];
    }
  }

  Sampler(Sampling sampling, int vocabulary) {
    this(sampling, OptionalInt.empty(), vocabulary);
  }

  private boolean argmaxIsEnough() {
    return sampling.isGreedy() && sampling.repetitionPenalty() == 1 && logProbabilities.isEmpty();
  }

  /** Takes in a token of the prompt or of the text. */
  void saw(int token) {
    if (sampling.repetitionPenalty() != 1) {
      seen.set(token);
    }
  }

  /** Chooses from a row of the engine's logits; nothing if one is NaN or infinite. */
  Optional<ChosenToken> next(Engine engine, int row) {
    if (argmaxIsEnough()) {
      int token = engine.argmax(row);
      return token == Engine.NOT_FINITE ? Optional.empty() : Optional.of(ChosenToken.of(token));
    }
    allocate();
    engine.logits(row, logits);
    if (!allFinite()) {
      return Optional.empty();
    }
    int token = choose();
    if (logProbabilities.isEmpty()) {
      return Optional.of(ChosenToken.of(token));
    }
    // Of the model's own logits: the penalty has changed these.
    engine.logits(row, logits);
    return Optional.of(LogProbabilities.of(logits, token, logProbabilities.getAsInt()));
  }

  private boolean allFinite() {
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        return false;
      }
    }
    return true;
  }

  /** Chooses from given logits. */
  int next(float[] given) {
    allocate();
    System.arraycopy(given, 0, logits, 0, logits.length);
    return choose();
  }

  private int choose() {
    penaliseRepetition();
    return sampling.isGreedy() ? highest() : draw();
  }

  private void penaliseRepetition() {
    float penalty = (float) sampling.repetitionPenalty();
    for (int token = seen.nextSetBit(0); token >= 0; token = seen.nextSetBit(token + 1)) {
      logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
    }
  }

  /** The lowest id of equals, as {@link Engine#argmax} has it. */
  private int highest() {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }

  private int draw() {
    int limit = sampling.topK() == 0 ? logits.length : Math.min(sampling.topK(), logits.length);
    float max = max();
    if (limit == logits.length && sampling.topP() == 1 && sampling.minP() == 0) {
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
      double weight = weight(logits[ranked(taken)], max);
      // The likeliest has weight 1, so that a weight is a probability relative to it.
      if (weight < sampling.minP()) {
        break;
      }
      mass += weight;
      taken++;
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
