package org.resa4j.cli;

import org.resa4j.ModelDefaults;
import org.resa4j.Resa;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import picocli.CommandLine.Option;

/** Attention settings: flags, else the model's {@code resa.json}, else the defaults. */
public final class AttentionFlags {
  private static final String AUTO = "auto";

  @Option(names = "--block-size", paramLabel = "TOKENS", description = "Tokens in a block (16).")
  private Integer blockSize;

  @Option(
      names = "--keep-ratio",
      paramLabel = "SHARE",
      description = "Share of the blocks attended to, up to 1 (0.1).")
  private Double keepRatio;

  @Option(names = "--min-blocks", paramLabel = "N", description = "Blocks kept at the least (16).")
  private Integer minBlocks;

  @Option(
      names = "--local-blocks",
      paramLabel = "N",
      description = "Last blocks that are always kept (1).")
  private Integer localBlocks;

  @Option(
      names = "--rectify-every",
      paramLabel = "TOKENS|auto[:TARGET]",
      description =
          "Tokens between rectifications (32); 0 turns it off. auto chooses them by the drift they"
              + " remove, to hold a recent drift of TARGET (0.02).")
  private String rectifyEvery;

  @Option(
      names = "--rectify-keep",
      paramLabel = "SHARE",
      description =
          "Share of the blocks that each token of a rectification selects; it is encoded over the"
              + " union of these (1: over all, as the papers do). On the JVM engine.")
  private Double rectifyKeep;

  @Option(
      names = "--sparse-from",
      paramLabel = "TOKENS|auto",
      description =
          "Length of a context from which on attention is sparse, dense below; 0 is sparse always."
              + " auto measures once on this device where sparse begins to take less time (the"
              + " model's, else auto).")
  private String sparseFrom;

  @Option(
      names = "--exact",
      description =
          "Exact mode: sparse steps draft, a dense pass over each draft decides; the text is dense"
              + " attention's.")
  private boolean exact;

  @Option(
      names = "--draft",
      paramLabel = "TOKENS|auto",
      description =
          "Tokens that exact mode verifies at once, 2 to 64; auto, by what they cost (auto).")
  private String draft;

  @Option(names = "--dense", description = "Dense attention, for comparison.")
  private boolean dense;

  /**
   * The settings.
   *
   * @param model the model's own, for what no flag says
   * @throws UsageException for a flag outside its range
   */
  public ResaConfig config(ResaConfig model) {
    if (exact && dense) {
      throw new UsageException("--exact and --dense exclude each other: their texts are the same");
    }
    if (exact && rectifyEvery != null) {
      throw new UsageException("--exact leaves nothing to rectify; drop --rectify-every");
    }
    if (exact && rectifyKeep != null) {
      throw new UsageException("--exact verifies densely; drop --rectify-keep");
    }
    if (draft != null && !exact && model.exact().isEmpty()) {
      throw new UsageException("--draft is exact mode's; add --exact");
    }
    if (sparseFrom != null && dense) {
      throw new UsageException("--dense leaves nothing sparse; drop --sparse-from");
    }
    return UsageException.unlessMadeOfOptions(() -> given(model));
  }

  /**
   * The settings with what has to be measured on the device, or was before.
   *
   * @param model the model's own
   */
  public ResaConfig settled(Resa resa, ModelDefaults model, ResaConfig config) {
    if (config.isDense() || !isAuto(model)) {
      return config;
    }
    MeasuredLengths lengths =
        new MeasuredLengths(ResaFolder.path(), note -> System.err.println("resa: " + note));
    return config.withSparseFrom(lengths.of(resa, config));
  }

  private boolean isAuto(ModelDefaults model) {
    return sparseFrom == null ? !model.isGiven("sparse_from") : sparseFrom.equals(AUTO);
  }

  /**
   * The settings of a benchmark, which has rows of dense and of sparse steps.
   *
   * @throws UsageException as above, and for lengths of both
   */
  public ResaConfig ofOneKind(ResaConfig model) {
    if (sparseFrom != null) {
      throw new UsageException("--sparse-from is for texts; here dense and sparse are rows apart");
    }
    return config(model).withSparseFrom(0);
  }

  private int sparseFrom(ResaConfig base) {
    if (sparseFrom == null || sparseFrom.equals(AUTO)) {
      return base.sparseFrom();
    }
    try {
      return Integer.parseInt(sparseFrom);
    } catch (NumberFormatException e) {
      throw new UsageException("--sparse-from is a number of tokens or auto, was " + sparseFrom);
    }
  }

  private ResaConfig given(ResaConfig base) {
    int block = blockSize != null ? blockSize : base.blockSize();
    if (dense) {
      return ResaConfig.dense(block);
    }
    ResaConfig config =
        new ResaConfig(
            block,
            keepRatio != null ? keepRatio : base.keepRatio(),
            minBlocks != null ? minBlocks : base.minBlocks(),
            localBlocks != null ? localBlocks : base.localBlocks(),
            base.rectifyEvery(),
            base.rectifyKeep(),
            base.driftTarget(),
            base.exact(),
            sparseFrom(base));
    if (draft != null) {
      return config.withExact(DraftLength.parse(draft));
    }
    if (exact) {
      return config.withExact(base.exact().orElse(DraftLength.AUTO));
    }
    if (rectifyKeep != null) {
      config = config.withRectifyKeep(rectifyKeep);
    }
    return rectifyEvery != null ? config.withRectification(rectifyEvery) : config;
  }
}
