package org.resa4j.attention;

import java.util.Optional;

/**
 * The settings of Rectified Sparse Attention for one sequence.
 *
 * <p>The last {@code localBlocks} blocks are always kept; {@code keepRatio} is the fraction of
 * blocks kept, so the papers' sparsity is {@code 1 - keepRatio}.
 *
 * @param blockSize tokens in a block, b
 * @param keepRatio fraction of the blocks kept, in (0, 1]; 1 is dense attention
 * @param minBlocks blocks kept at the least, where there are so many
 * @param localBlocks trailing blocks that are always kept
 * @param rectifyEvery generated tokens between rectifications, f; 0 turns rectification off; with a
 *     target of drift, the first interval, within the target's bounds
 * @param driftTarget what the interval is to hold; empty for a fixed one
 * @param exact windows of exact mode, in which sparse steps draft and dense passes decide: the text
 *     is dense decoding's; there is nothing to rectify then. Empty for the other modes
 * @param sparseFrom tokens of a context from which on blocks are left out; with fewer a step is
 *     dense, which may take less time
 * @see <a href="https://arxiv.org/abs/2506.04108">Rectified Sparse Attention, sections 2.2 and
 *     2.3</a>
 */
public record ResaConfig(
    int blockSize,
    double keepRatio,
    int minBlocks,
    int localBlocks,
    int rectifyEvery,
    Optional<DriftTarget> driftTarget,
    Optional<DraftLength> exact,
    int sparseFrom) {

  private static final String AUTO = "auto";

  /** b=16, keepRatio=0.1, minBlocks=16, localBlocks=1, f=32. */
  public static final ResaConfig DEFAULT = new ResaConfig(16, 0.1, 16, 1, 32);

  /**
   * @throws IllegalArgumentException for a value outside its range, naming it
   */
  public ResaConfig {
    require(blockSize >= 1, "blockSize must be at least 1, was " + blockSize);
    require(
        keepRatio > 0 && keepRatio <= 1,
        "keepRatio is the fraction of blocks kept, in (0, 1], was " + keepRatio);
    require(minBlocks >= 1, "minBlocks must be at least 1, was " + minBlocks);
    require(localBlocks >= 0, "localBlocks must not be negative, was " + localBlocks);
    require(
        rectifyEvery >= 0,
        "rectifyEvery must not be negative (0 turns it off), was " + rectifyEvery);
    driftTarget.ifPresent(
        target ->
            require(
                rectifyEvery >= target.minEvery() && rectifyEvery <= target.maxEvery(),
                "rectifyEvery begins within the bounds of its target, %d to %d, was %d"
                    .formatted(target.minEvery(), target.maxEvery(), rectifyEvery)));
    require(
        exact.isEmpty() || (rectifyEvery == 0 && driftTarget.isEmpty()),
        "exact mode has nothing to rectify, rectifyEvery was " + rectifyEvery);
    require(sparseFrom >= 0, "sparseFrom must not be negative, was " + sparseFrom);
  }

  /** Sparse from the first token on. */
  public ResaConfig(
      int blockSize,
      double keepRatio,
      int minBlocks,
      int localBlocks,
      int rectifyEvery,
      Optional<DriftTarget> driftTarget,
      Optional<DraftLength> exact) {
    this(blockSize, keepRatio, minBlocks, localBlocks, rectifyEvery, driftTarget, exact, 0);
  }

  /** An interval that holds a target, or a fixed one. */
  public ResaConfig(
      int blockSize,
      double keepRatio,
      int minBlocks,
      int localBlocks,
      int rectifyEvery,
      Optional<DriftTarget> driftTarget) {
    this(blockSize, keepRatio, minBlocks, localBlocks, rectifyEvery, driftTarget, Optional.empty());
  }

  /** A fixed interval. */
  public ResaConfig(
      int blockSize, double keepRatio, int minBlocks, int localBlocks, int rectifyEvery) {
    this(
        blockSize,
        keepRatio,
        minBlocks,
        localBlocks,
        rectifyEvery,
        Optional.empty(),
        Optional.empty());
  }

  /** Dense attention: every block kept, nothing to rectify. */
  public static ResaConfig dense(int blockSize) {
    return new ResaConfig(blockSize, 1, 1, 0, 0);
  }

  public boolean isDense() {
    return keepRatio == 1;
  }

  /** M = ceil(n / b), the blocks that hold {@code tokens} tokens. */
  public int blocks(int tokens) {
    return Math.ceilDiv(tokens, blockSize);
  }

  /**
   * Blocks kept of the M that hold {@code tokens} tokens: max(ceil(M · keepRatio), min(M,
   * minBlocks)); all of them below {@code sparseFrom}.
   */
  public int keepBlocks(int tokens) {
    int blocks = blocks(tokens);
    if (tokens < sparseFrom) {
      return blocks;
    }
    // A product such as 30 · 0.1 may come out a rounding above the integer it stands for.
    int byRatio = (int) Math.ceil(blocks * keepRatio - 1e-9);
    return Math.max(byRatio, Math.min(blocks, minBlocks));
  }

  /** The same with blocks of another size. */
  public ResaConfig withBlockSize(int tokens) {
    return new ResaConfig(
        tokens, keepRatio, minBlocks, localBlocks, rectifyEvery, driftTarget, exact, sparseFrom);
  }

  /** The same with another fraction of the blocks kept. */
  public ResaConfig withKeepRatio(double share) {
    return new ResaConfig(
        blockSize, share, minBlocks, localBlocks, rectifyEvery, driftTarget, exact, sparseFrom);
  }

  /** The same with contexts of fewer tokens attended to densely. */
  public ResaConfig withSparseFrom(int tokens) {
    return new ResaConfig(
        blockSize, keepRatio, minBlocks, localBlocks, rectifyEvery, driftTarget, exact, tokens);
  }

  /** The same with a fixed interval. */
  public ResaConfig withRectifyEvery(int tokens) {
    return new ResaConfig(
        blockSize,
        keepRatio,
        minBlocks,
        localBlocks,
        tokens,
        Optional.empty(),
        Optional.empty(),
        sparseFrom);
  }

  /**
   * The same with an interval that holds a target. The first is the shortest, since nothing is
   * known of the drift yet, and what goes wrong early stays in the text.
   */
  public ResaConfig withDriftTarget(DriftTarget target) {
    return new ResaConfig(
        blockSize,
        keepRatio,
        minBlocks,
        localBlocks,
        target.minEvery(),
        Optional.of(target),
        Optional.empty(),
        sparseFrom);
  }

  /** Exact mode with the same selection. */
  public ResaConfig withExact(DraftLength draft) {
    return new ResaConfig(
        blockSize,
        keepRatio,
        minBlocks,
        localBlocks,
        0,
        Optional.empty(),
        Optional.of(draft),
        sparseFrom);
  }

  /**
   * The same with an interval as users write it, see {@link #rectification()}.
   *
   * @param text tokens, 0 for never; {@code auto}, or {@code auto:TARGET} for a {@link DriftTarget}
   * @throws IllegalArgumentException for anything else
   */
  public ResaConfig withRectification(String text) {
    try {
      if (text.equals(AUTO)) {
        return withDriftTarget(DriftTarget.DEFAULT);
      }
      if (text.startsWith(AUTO + ":")) {
        double target = Double.parseDouble(text.substring(AUTO.length() + 1));
        return withDriftTarget(DriftTarget.of(target));
      }
      return withRectifyEvery(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "rectifyEvery is a number of tokens, 0 for never, auto, or auto:TARGET such as auto:0.02;"
              + " was "
              + text,
          e);
    }
  }

  /** The interval as users write it: {@code 32}, {@code 0}, {@code auto:0.02}. */
  public String rectification() {
    return driftTarget
        .map(target -> AUTO + ":" + target.recentDrift())
        .orElse(Integer.toString(rectifyEvery));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
