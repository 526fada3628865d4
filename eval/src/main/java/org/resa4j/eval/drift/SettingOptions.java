package org.resa4j.eval.drift;

import java.nio.file.Path;
import java.util.List;
import org.resa4j.ModelDefaults;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.UsageException;
import org.resa4j.error.InputException;
import picocli.CommandLine.Option;

/** Settings measured side by side; what is not given is the model's own. */
final class SettingOptions {
  @Option(
      names = "--keep-ratio",
      paramLabel = "SHARE",
      split = ",",
      description = "Shares of the blocks attended to (the model's).")
  private List<Double> keepRatios;

  @Option(
      names = "--rectify-every",
      paramLabel = "TOKENS",
      split = ",",
      description = "Tokens between rectifications (the model's).")
  private List<Integer> rectifyEvery;

  @Option(
      names = "--rectify-keep",
      paramLabel = "SHARE",
      description =
          "Share of the blocks that each token of a rectification selects; 1 is dense (the"
              + " model's).")
  private Double rectifyKeep;

  @Option(names = "--block-size", paramLabel = "TOKENS", description = "Tokens in a block.")
  private Integer blockSize;

  @Option(names = "--min-blocks", paramLabel = "N", description = "Blocks kept at the least.")
  private Integer minBlocks;

  @Option(names = "--local-blocks", paramLabel = "N", description = "Blocks that are always kept.")
  private Integer localBlocks;

  /** The model's settings with the given block size, least and local blocks. */
  ResaConfig base(Path model) {
    ResaConfig own = ModelDefaults.read(model).attention();
    return UsageException.unlessMade(() -> made(own));
  }

  private ResaConfig made(ResaConfig own) {
    return new ResaConfig(
            blockSize == null ? own.blockSize() : blockSize,
            own.keepRatio(),
            minBlocks == null ? own.minBlocks() : minBlocks,
            localBlocks == null ? own.localBlocks() : localBlocks,
            own.driftTarget().isPresent() ? 0 : own.rectifyEvery())
        .withRectifyKeep(rectifyKeep == null ? own.rectifyKeep() : rectifyKeep);
  }

  List<Double> keepRatios(ResaConfig base) {
    return keepRatios == null ? List.of(base.keepRatio()) : keepRatios;
  }

  List<Integer> rectifyEvery(ResaConfig base) {
    if (rectifyEvery == null && base.rectifyEvery() == 0) {
      throw new InputException(
          "the model's interval is not fixed: name some, --rectify-every 16,32");
    }
    return rectifyEvery == null ? List.of(base.rectifyEvery()) : rectifyEvery;
  }
}
