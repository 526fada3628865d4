package org.resa4j.bench.options;

import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.UsageException;
import picocli.CommandLine.Option;

/** Settings of sparse attention, named as {@code resa run} names them. */
public final class ResaOptions {
  @Option(
      names = "--block-size",
      paramLabel = "TOKENS",
      defaultValue = "16",
      description = "Tokens in a block (${DEFAULT-VALUE}).")
  private int blockSize;

  @Option(
      names = "--keep-ratio",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "Share of the blocks attended to, up to 1 (${DEFAULT-VALUE}).")
  private double keepRatio;

  @Option(
      names = "--min-blocks",
      paramLabel = "N",
      defaultValue = "16",
      description = "Blocks kept at the least (${DEFAULT-VALUE}).")
  private int minBlocks;

  @Option(
      names = "--local-blocks",
      paramLabel = "N",
      defaultValue = "1",
      description = "Last blocks that are always kept (${DEFAULT-VALUE}).")
  private int localBlocks;

  @Option(
      names = "--rectify-every",
      paramLabel = "TOKENS",
      defaultValue = "32",
      description = "Tokens between rectifications; 0 turns it off (${DEFAULT-VALUE}).")
  private int rectifyEvery;

  /**
   * @throws UsageException for a value outside its range
   */
  public ResaConfig config() {
    return UsageException.unlessMade(
        () -> new ResaConfig(blockSize, keepRatio, minBlocks, localBlocks, rectifyEvery));
  }
}
