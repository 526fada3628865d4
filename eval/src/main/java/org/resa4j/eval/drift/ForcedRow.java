package org.resa4j.eval.drift;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One text's scored tokens under one cell, as saved.
 *
 * @param text the text's id
 * @param cell cache and query
 * @param loss of each scored token, nats
 * @param rank tokens predicted before the right one; 0 where it is right
 * @param denseRank tokens predicted before dense decoding's choice; 0 where they agree
 */
record ForcedRow(
    String text, ForcedCell cell, List<Double> loss, List<Integer> rank, List<Integer> denseRank) {
  /**
   * @throws IllegalArgumentException for no scored token, or lists of unequal length
   */
  ForcedRow {
    if (loss.isEmpty() || rank.size() != loss.size() || denseRank.size() != loss.size()) {
      throw new IllegalArgumentException(
          "text %s: %d losses, %d and %d ranks"
              .formatted(text, loss.size(), rank.size(), denseRank.size()));
    }
    loss = List.copyOf(loss);
    rank = List.copyOf(rank);
    denseRank = List.copyOf(denseRank);
  }

  static ForcedRow of(String text, ForcedCell cell, List<TokenScore> scores) {
    return new ForcedRow(
        text,
        cell,
        // Five digits tell losses apart and keep files small.
        scores.stream().map(score -> Math.rint(score.loss() * 1e5) / 1e5).toList(),
        scores.stream().map(TokenScore::rank).toList(),
        scores.stream().map(TokenScore::denseRank).toList());
  }

  int tokens() {
    return loss.size();
  }

  double lossSum() {
    return loss.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Tokens that were predicted. */
  int right() {
    return below(rank, 1);
  }

  /** Tokens for which dense decoding's choice is among the {@code count} best. */
  int agree(int count) {
    return below(denseRank, count);
  }

  boolean isRight(int scored) {
    return rank.get(scored) == 0;
  }

  private static int below(List<Integer> ranks, int limit) {
    return Math.toIntExact(
        IntStream.range(0, ranks.size()).filter(i -> ranks.get(i) < limit).count());
  }
}
