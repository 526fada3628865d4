package org.resa4j.eval.drift;

import java.util.List;
import org.resa4j.attention.ResaConfig;

/**
 * What is measured: every combination of the lists.
 *
 * @param base block size, least and local blocks, what rectifications keep; the rest of it comes
 *     from the lists
 * @param keepRatios of sparse steps, below 1
 * @param rectifyEvery intervals of ReSA, from 1; without rectification is measured in any case
 * @param before tokens decoded sparsely before the scored ones, ascending, {@link ForcedCell#ALL}
 *     last
 * @param denseQueries whether caches that sparse steps built are asked by dense steps too
 */
record ForcedPlan(
    ResaConfig base,
    List<Double> keepRatios,
    List<Integer> rectifyEvery,
    List<Integer> before,
    boolean denseQueries) {
  /**
   * @throws IllegalArgumentException for values out of range or order
   */
  ForcedPlan {
    keepRatios = List.copyOf(keepRatios);
    rectifyEvery = List.copyOf(rectifyEvery);
    before = List.copyOf(before);
    if (keepRatios.isEmpty() || before.isEmpty()) {
      throw new IllegalArgumentException("at least one keep ratio and one number of tokens before");
    }
    if (keepRatios.contains(1.0) || rectifyEvery.contains(0)) {
      throw new IllegalArgumentException(
          "dense decoding and decoding without rectification are measured in any case");
    }
    for (double ratio : keepRatios) {
      of(base, ratio, 0);
      rectifyEvery.forEach(every -> of(base, ratio, every));
    }
    for (int i = 1; i < before.size(); i++) {
      if (before.get(i - 1) == ForcedCell.ALL
          || (before.get(i) != ForcedCell.ALL && before.get(i) <= before.get(i - 1))) {
        throw new IllegalArgumentException(
            "tokens decoded sparsely before must ascend, 'all' last: " + before);
      }
    }
  }

  ResaConfig dense() {
    return ResaConfig.dense(base.blockSize());
  }

  /** Sparse steps without rectification, by ratio. */
  List<ResaConfig> sparse() {
    return keepRatios.stream().map(ratio -> setting(ratio, 0)).toList();
  }

  ResaConfig setting(double keepRatio, int every) {
    return of(base, keepRatio, every);
  }

  private static ResaConfig of(ResaConfig base, double keepRatio, int every) {
    return new ResaConfig(base.blockSize(), keepRatio, base.minBlocks(), base.localBlocks(), every)
        .withRectifyKeep(base.rectifyKeep());
  }
}
