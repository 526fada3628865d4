package org.resa4j.generate;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.resa4j.engine.Engine;

/**
 * Chooses tokens for one sequence: repetition penalty, filter, temperature, top-k, then top-p over
 * what is left, then min-p; of those the highest of logit / T + noise, {@link GumbelNoise}. So a
 * token that is left is chosen with its probability among those that are, softmax(logit / T), and a
 * seed chooses alike at a position wherever its logits come from.
 *
 * <p>Not thread-safe.
 */
final class Sampler {
  private final Sampling sampling;
  private final int vocabulary;
  private float[] logits;

  private Ranking ranking;

  /** How often each token was seen, for the repetition penalty. */
  private final Map<Integer, Integer> seen = new HashMap<>();

  private final OptionalInt logProbabilities;

  /** Where the filter stood before each token of the text and of the drafts, then now. */
  private final List<TokenFilter> filters = new ArrayList<>();

  /**
   * @param logProbabilities how many of the likeliest tokens come with a choice, and whether it
   *     comes with its probability at all
   * @param filter which tokens may be chosen
   */
  Sampler(
      Sampling sampling,
      OptionalInt logProbabilities,
      Optional<TokenFilter> filter,
      int vocabulary) {
    this.sampling = sampling;
    this.logProbabilities = logProbabilities;
    this.vocabulary = vocabulary;
    filter.ifPresent(filters::add);
  }

  /** At the first choice: requests may wait in numbers. */
  private void allocate() {
    if (logits == null) {
      logits = new float[vocabulary];
      ranking = sampling.isGreedy() ? null : new Ranking(logits);
    }
  }

  Sampler(Sampling sampling, int vocabulary) {
    this(sampling, OptionalInt.empty(), Optional.empty(), vocabulary);
  }

  private boolean argmaxIsEnough() {
    return sampling.isGreedy() && sampling.repetitionPenalty() == 1 && filters.isEmpty();
  }

  /** Takes in a token of the text, or one that is drafted. */
  void saw(int token) {
    sawInPrompt(token);
    if (!filters.isEmpty()) {
      TokenFilter now = filters.getLast();
      // A draft that could not be chosen is none that is allowed; the dense pass refuses it.
      filters.add(now.allowed().get(token) ? now.after(token) : now);
    }
  }

  /** Takes in a token of the prompt, which no filter concerns. */
  void sawInPrompt(int token) {
    if (sampling.repetitionPenalty() != 1) {
      seen.merge(token, 1, Integer::sum);
    }
  }

  /** Takes back a token that is not part of the text after all. */
  void unsaw(int token) {
    if (!filters.isEmpty()) {
      filters.removeLast();
    }
    seen.computeIfPresent(token, (id, times) -> times == 1 ? null : times - 1);
  }

  /**
   * Chooses a token of the text from a row of the engine's logits; nothing if one is NaN or
   * infinite.
   *
   * @param position of the token
   */
  Optional<ChosenToken> next(Engine engine, int row, int position) {
    OptionalInt token = draft(engine, row, position);
    if (token.isEmpty() || logProbabilities.isEmpty()) {
      return token.stream().mapToObj(ChosenToken::of).findFirst();
    }
    // Of the model's own logits: the penalty has changed these.
    allocate();
    engine.logits(row, logits);
    return allFinite()
        ? Optional.of(LogProbabilities.of(logits, token.getAsInt(), logProbabilities.getAsInt()))
        : Optional.empty();
  }

  /** Whether the filter allows no token. */
  boolean isStuck() {
    return !filters.isEmpty() && filters.getLast().allowed().nextSetBit(0) < 0;
  }

  /** The same for a token whose probability is of no interest; nothing where it is stuck. */
  OptionalInt draft(Engine engine, int row, int position) {
    if (isStuck()) {
      return OptionalInt.empty();
    }
    if (argmaxIsEnough()) {
      int token = engine.argmax(row);
      return token == Engine.NOT_FINITE ? OptionalInt.empty() : OptionalInt.of(token);
    }
    allocate();
    engine.logits(row, logits);
    return allFinite() ? OptionalInt.of(choose(position)) : OptionalInt.empty();
  }

  private boolean allFinite() {
    // Of bits without the sign: NaN and infinity are the largest.
    int largest = 0;
    for (float logit : logits) {
      largest = Math.max(largest, Float.floatToRawIntBits(logit) & Integer.MAX_VALUE);
    }
    return Float.isFinite(Float.intBitsToFloat(largest));
  }

  /** Chooses from given logits. */
  int next(float[] given, int position) {
    allocate();
    System.arraycopy(given, 0, logits, 0, logits.length);
    return choose(position);
  }

  private int choose(int position) {
    penaliseRepetition();
    mask();
    return sampling.isGreedy() ? highest() : draw(new GumbelNoise(sampling.seed(), position));
  }

  private void penaliseRepetition() {
    float penalty = (float) sampling.repetitionPenalty();
    for (int token : seen.keySet()) {
      logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
    }
  }

  private void mask() {
    if (filters.isEmpty()) {
      return;
    }
    BitSet allowed = filters.getLast().allowed();
    for (int token = allowed.nextClearBit(0);
        token < logits.length;
        token = allowed.nextClearBit(token + 1)) {
      logits[token] = Float.NEGATIVE_INFINITY;
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

  private int draw(GumbelNoise noise) {
    int limit = sampling.topK() == 0 ? logits.length : Math.min(sampling.topK(), logits.length);
    float max = max();
    if (limit == logits.length && sampling.topP() == 1 && sampling.minP() == 0) {
      return chooseFromAll(noise);
    }
    double total = 0;
    if (limit == logits.length) {
      ranking.begin(max, sampling.temperature());
      total = Exponentials.sum(logits, max, sampling.temperature());
    } else {
      ranking.begin(max, sampling.temperature(), limit);
      for (int rank = 0; rank < limit; rank++) {
        total += weight(logits[ranking.token(rank)], max);
      }
    }
    int taken = 0;
    double mass = 0;
    while (taken < limit && (taken == 0 || mass < sampling.topP() * total)) {
      double weight = weight(logits[ranking.token(taken)], max);
      // The likeliest has weight 1, so that a weight is a probability relative to it.
      if (weight < sampling.minP()) {
        break;
      }
      mass += weight;
      taken++;
    }
    int best = ranking.token(0);
    double highest = score(best, noise);
    for (int rank = 1; rank < taken; rank++) {
      int token = ranking.token(rank);
      double score = score(token, noise);
      if (score > highest) {
        highest = score;
        best = token;
      }
    }
    return best;
  }

  private int chooseFromAll(GumbelNoise noise) {
    int best = highest();
    double highest = score(best, noise);
    for (int token = 0; token < logits.length; token++) {
      if (noise.mayExceed(token, highest - logits[token] / sampling.temperature())) {
        double score = score(token, noise);
        if (score > highest) {
          highest = score;
          best = token;
        }
      }
    }
    return best;
  }

  private double score(int token, GumbelNoise noise) {
    return logits[token] / sampling.temperature() + noise.of(token);
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
}
