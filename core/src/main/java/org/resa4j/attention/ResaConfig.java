package org.resa4j.attention;

import java.util.Optional;
import java.util.function.Consumer;

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
 * @param rectifyKeep fraction of the blocks that each token of a rectified window selects, which is
 *     encoded over the union of these and its own; 1, the paper's, is dense
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
    double rectifyKeep,
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
    require(
        rectifyKeep > 0 && rectifyKeep <= 1,
        "rectifyKeep is the fraction of blocks that a rectified token selects, in (0, 1], was "
            + rectifyKeep);
    require(
        rectifyKeep == 1 || driftTarget.isEmpty(),
        "rectifyKeep must be 1 with a target of drift, which dense rectifications tell of, was "
            + rectifyKeep);
    driftTarget.ifPresent(
        target ->
            require(
                rectifyEvery >= target.minEvery() && rectifyEvery <= target.maxEvery(),
                "rectifyEvery begins within the bounds of its target, %d to %d, was %d"
                    .formatted(target.minEvery(), target.maxEvery(), rectifyEvery)));
    require(
        exact.isEmpty() || (rectifyEvery == 0 && driftTarget.isEmpty()),
        "exact mode has nothing to rectify, rectifyEvery was " + rectifyEvery);
    require(
        exact.isEmpty() || rectifyKeep == 1,
        "rectifyKeep must be 1 in exact mode, which verifies densely, was " + rectifyKeep);
    require(sparseFrom >= 0, "sparseFrom must not be negative, was " + sparseFrom);
  }

  /** An interval that holds a target, or a fixed one; sparse from the first token on. */
  public ResaConfig(
      int blockSize,
      double keepRatio,
      int minBlocks,
      int localBlocks,
      int rectifyEvery,
      Optional<DriftTarget> driftTarget,
      Optional<DraftLength> exact) {
    this(blockSize, keepRatio, minBlocks, localBlocks, rectifyEvery, 1, driftTarget, exact, 0);
  }

  /** A fixed interval, rectified densely. */
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

  /** How a rectified window selects the blocks that it is encoded over; empty where it is dense. */
  public Optional<ResaConfig> rectifySelection() {
    return rectifyKeep == 1
        ? Optional.empty()
        : Optional.of(withRectifyKeep(1).withKeepRatio(rectifyKeep));
  }

  /** The same with blocks of another size. */
  public ResaConfig withBlockSize(int tokens) {
    return with(changed -> changed.blockSize = tokens);
  }

  /** The same with another fraction of the blocks kept. */
  public ResaConfig withKeepRatio(double share) {
    return with(changed -> changed.keepRatio = share);
  }

  /** The same with contexts of fewer tokens attended to densely. */
  public ResaConfig withSparseFrom(int tokens) {
    return with(changed -> changed.sparseFrom = tokens);
  }

  /** The same with another fraction of the blocks selected by the tokens of a rectified window. */
  public ResaConfig withRectifyKeep(double share) {
    return with(changed -> changed.rectifyKeep = share);
  }

  /** The same with a fixed interval. */
  public ResaConfig withRectifyEvery(int tokens) {
    return with(
        changed -> {
          changed.rectifyEvery = tokens;
          changed.driftTarget = Optional.empty();
          changed.exact = Optional.empty();
        });
  }

  /**
   * The same with an interval that holds a target. The first is the shortest, since nothing is
   * known of the drift yet, and what goes wrong early stays in the text.
   */
  public ResaConfig withDriftTarget(DriftTarget target) {
    return with(
        changed -> {
          changed.rectifyEvery = target.minEvery();
          changed.driftTarget = Optional.of(target);
          changed.exact = Optional.empty();
        });
  }

  /** Exact mode with the same selection; it verifies densely. */
  public ResaConfig withExact(DraftLength draft) {
    return with(
        changed -> {
          changed.rectifyEvery = 0;
          changed.rectifyKeep = 1;
          changed.driftTarget = Optional.empty();
          changed.exact = Optional.of(draft);
        });
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

  private ResaConfig with(Consumer<Changed> change) {
    Changed changed = new Changed(this);
    change.accept(changed);
    return changed.config();
  }

  /** The components, to be changed. */
  private static final class Changed {
    private int blockSize;
    private double keepRatio;
    private final int minBlocks;
    private final int localBlocks;
    private int rectifyEvery;
    private double rectifyKeep;
    private Optional<DriftTarget> driftTarget;
    private Optional<DraftLength> exact;
    private int sparseFrom;

    Changed(ResaConfig from) {
      blockSize = from.blockSize;
      keepRatio = from.keepRatio;
      minBlocks = from.minBlocks;
      localBlocks = from.localBlocks;
      rectifyEvery = from.rectifyEvery;
      rectifyKeep = from.rectifyKeep;
      driftTarget = from.driftTarget;
      exact = from.exact;
      sparseFrom = from.sparseFrom;
    }

    ResaConfig config() {
      return new ResaConfig(
          blockSize,
          keepRatio,
          minBlocks,
          localBlocks,
          rectifyEvery,
          rectifyKeep,
          driftTarget,
          exact,
          sparseFrom);
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
