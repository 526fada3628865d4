package org.resa4j.eval;

import org.resa4j.attention.ResaConfig;

/**
 * A way to attend that is evaluated.
 *
 * @param config attention settings
 */
public record Setting(ResaConfig config) {
  static final String DENSE = "dense";

  public boolean isDense() {
    return config.isDense();
  }

  /** Whether sparse steps only draft. */
  boolean isExact() {
    return config.exact().isPresent();
  }

  /** {@code dense}, {@code sparse}, {@code ReSA} or {@code exact}. */
  public String kind() {
    if (isDense()) {
      return DENSE;
    }
    return isExact() ? "exact" : config.rectifyEvery() == 0 ? "sparse" : "ReSA";
  }

  /**
   * Tells it from all others, whatever they are: {@code ReSA keep 0.1 every 32, blocks of 16, min
   * 16, local 1}.
   */
  public String name() {
    return isDense()
        ? DENSE
        : "%s, blocks of %d, min %d, local %d"
            .formatted(shortName(), config.blockSize(), config.minBlocks(), config.localBlocks());
  }

  /** The part of the name that a grid varies most: {@code sparse keep 0.1}. */
  String shortName() {
    String every =
        config.rectifyEvery() == 0
            ? ""
            : (config.driftTarget().isPresent() ? " " : " every ")
                + config.rectification()
                + (config.rectifyKeep() == 1 ? "" : " over " + config.rectifyKeep());
    String draft = config.exact().map(length -> " draft " + length).orElse("");
    return isDense() ? DENSE : "%s keep %s%s%s".formatted(kind(), config.keepRatio(), every, draft);
  }
}
