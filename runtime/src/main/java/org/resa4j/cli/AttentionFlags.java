package org.resa4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.resa4j.InputException;
import org.resa4j.attention.ResaConfig;
import org.resa4j.model.Json;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Attention settings: flags, else the model's {@code resa.json}, else the defaults. */
public final class AttentionFlags {
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

  @Option(names = "--dense", description = "Dense attention, for comparison.")
  private boolean dense;

  /**
   * The settings.
   *
   * @param model a model's directory, which may have a {@code resa.json}
   * @throws InputException if that cannot be used
   * @throws IllegalArgumentException for a flag outside its range
   */
  public ResaConfig config(Path model) {
    ResaConfig base = ofModel(model.resolve("resa.json"));
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
            base.driftTarget());
    return rectifyEvery != null ? config.withRectification(rectifyEvery) : config;
  }

  private static ResaConfig ofModel(Path file) {
    ResaConfig fallback = ResaConfig.DEFAULT;
    if (!Files.exists(file)) {
      return fallback;
    }
    JsonNode json = Json.read(file);
    try {
      return new ResaConfig(
              json.path("block_size").asInt(fallback.blockSize()),
              json.path("keep_ratio").asDouble(fallback.keepRatio()),
              json.path("min_blocks").asInt(fallback.minBlocks()),
              json.path("local_blocks").asInt(fallback.localBlocks()),
              fallback.rectifyEvery())
          .withRectification(json.path("rectify_every").asString(fallback.rectification()));
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }
}
