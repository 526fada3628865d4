package org.resa4j.engine.jvm;

/**
 * Stage 3: keeps the blocks with the highest scores.
 *
 * <p>The last {@code local} blocks are kept whatever the others score; equal scores go to the lower
 * block, a NaN is the lowest; the result is ascending.
 *
 * @see <a href="https://arxiv.org/abs/2506.04108">section 2.2, block selection</a>
 */
final class Select {
  /** Scores that are looked at first, to tell about where the cut will be. */
  private static final int SAMPLE = 128;

  private final VectorOps ops;
  private final float[] sample = new float[SAMPLE];

  /** Blocks that may be kept, ascending, and their scores. */
  private final int[] candidates;

  private final float[] best;
  private final float[] spare;

  /**
   * @param blocks the most there are to select among
   */
  Select(VectorOps ops, int blocks) {
    this.ops = ops;
    candidates = new int[blocks + VectorOps.LANES];
    best = new float[blocks];
    spare = new float[Math.max(blocks, SAMPLE)];
  }

  /**
   * Selects among {@code blocks} blocks.
   *
   * @param scores {@code [block]} from {@code offset}; the local ones are overwritten with +inf,
   *     those that are NaN perhaps with -inf
   * @param keep blocks to keep, from {@code local} to {@code blocks}
   * @param selected {@code [keep]} from {@code to}, written
   */
  void select(float[] scores, int offset, int blocks, int local, int keep, int[] selected, int to) {
    int others = blocks - local;
    int wanted = keep - local;
    int n = to;
    if (wanted > 0) {
      int count = findCandidates(scores, offset, others, wanted);
      for (int i = 0; i < count; i++) {
        best[i] = scores[offset + candidates[i]];
      }
      float cut = ops.nthHighest(best, count, wanted, spare);
      int atCut = wanted;
      for (int i = 0; i < count; i++) {
        atCut -= scores[offset + candidates[i]] > cut ? 1 : 0;
      }
      for (int i = 0; n < to + wanted; i++) {
        // Without a branch, which nobody could foretell.
        float score = scores[offset + candidates[i]];
        int equal = score == cut & atCut > 0 ? 1 : 0;
        selected[n] = candidates[i];
        n += equal + (score > cut ? 1 : 0);
        atCut -= equal;
      }
    }
    for (int i = others; i < blocks; i++) {
      scores[offset + i] = Float.POSITIVE_INFINITY;
      selected[n++] = i;
    }
  }

  /**
   * The blocks among which the wanted ones are: those not below a score that so many will reach, as
   * a sample tells; all of them where it was mistaken or there are few. Returns how many.
   */
  private int findCandidates(float[] scores, int offset, int others, int wanted) {
    if (others >= 4 * SAMPLE && wanted <= others / 4) {
      float floor = floor(scores, offset, others, wanted);
      int count = ops.atLeast(scores, offset, others, floor, candidates);
      if (count >= wanted) {
        return count;
      }
    }
    for (int i = 0; i < others; i++) {
      candidates[i] = i;
      if (Float.isNaN(scores[offset + i])) {
        // Else no comparison would be true, and fewer blocks than wanted taken.
        scores[offset + i] = Float.NEGATIVE_INFINITY;
      }
    }
    return others;
  }

  /** Three standard deviations below the score that would be the cut of the sample. */
  private float floor(float[] scores, int offset, int others, int wanted) {
    for (int i = 0; i < SAMPLE; i++) {
      float score = scores[offset + (int) ((long) others * i / SAMPLE)];
      sample[i] = Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score;
    }
    double share = (double) wanted / others;
    int rank = (int) (SAMPLE * share + 3 * Math.sqrt(SAMPLE * share * (1 - share))) + 1;
    return ops.nthHighest(sample, SAMPLE, rank + 1, spare);
  }
}
