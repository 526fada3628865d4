package org.resa4j.bench.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.resa4j.InputException;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.AttentionFlags;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The settings evaluated side by side: every combination of what the flags list. */
final class SettingFlags {
  private enum Kind {
    DENSE,
    SPARSE,
    RESA
  }

  @Option(
      names = "--settings",
      paramLabel = "KIND",
      split = ",",
      defaultValue = "dense,sparse,resa",
      description = "Which of dense, sparse and resa (all).")
  private Set<Kind> kinds;

  @Option(
      names = "--rectify-every",
      paramLabel = "TOKENS",
      split = ",",
      converter = Every.class,
      description = "Tokens between rectifications of resa; off is sparse (the model's).")
  private List<Integer> rectifyEvery = List.of();

  @Option(
      names = "--keep-ratio",
      paramLabel = "SHARE",
      split = ",",
      description = "Shares of the blocks attended to (the model's).")
  private List<Double> keepRatios = List.of();

  @Option(
      names = "--block-size",
      paramLabel = "TOKENS",
      split = ",",
      description = "Tokens in a block (the model's).")
  private List<Integer> blockSizes = List.of();

  @Option(
      names = "--min-blocks",
      paramLabel = "N",
      split = ",",
      description = "Blocks kept at the least (the model's).")
  private List<Integer> minBlocks = List.of();

  @Option(
      names = "--local-blocks",
      paramLabel = "N",
      split = ",",
      description = "Last blocks that are always kept (the model's).")
  private List<Integer> localBlocks = List.of();

  /** Reads a number of tokens, or {@code off}. */
  static final class Every implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("off|\\d{1,9}")) {
        throw new TypeConversionException(
            "'%s' is neither a number of tokens nor off".formatted(text));
      }
      return text.equals("off") ? 0 : Integer.parseInt(text);
    }
  }

  /**
   * The settings, at least one: dense first, then by block size.
   *
   * @param model a model's directory, whose {@code resa.json} has the defaults
   * @throws InputException if the flags leave none
   * @throws IllegalArgumentException for a value outside its range
   */
  List<Setting> settings(Path model) {
    ResaConfig base = new AttentionFlags().config(model);
    List<Integer> intervals = intervals(base.rectifyEvery());
    Set<ResaConfig> configs = new LinkedHashSet<>();
    for (int block : or(blockSizes, base.blockSize())) {
      // Dense decoding is the same with blocks of any size.
      if (kinds.contains(Kind.DENSE) && configs.isEmpty()) {
        configs.add(ResaConfig.dense(block));
      }
      for (int least : or(minBlocks, base.minBlocks())) {
        for (int local : or(localBlocks, base.localBlocks())) {
          for (double keep : or(keepRatios, base.keepRatio())) {
            for (int every : intervals) {
              configs.add(new ResaConfig(block, keep, least, local, every));
            }
          }
        }
      }
    }
    if (configs.isEmpty()) {
      throw new InputException("--settings and --rectify-every leave nothing to evaluate");
    }
    return configs.stream().map(Setting::new).toList();
  }

  private List<Integer> intervals(int ofModel) {
    List<Integer> intervals = new ArrayList<>();
    if (kinds.contains(Kind.SPARSE)) {
      intervals.add(0);
    }
    if (kinds.contains(Kind.RESA)) {
      or(rectifyEvery, ofModel).stream().filter(every -> every > 0).forEach(intervals::add);
    } else if (rectifyEvery.stream().anyMatch(every -> every > 0)) {
      throw new InputException(
          "--rectify-every names intervals, and --settings %s leaves resa out"
              .formatted(kinds.toString().toLowerCase(Locale.ROOT)));
    }
    return intervals;
  }

  private static <T> List<T> or(List<T> given, T otherwise) {
    return given.isEmpty() ? List.of(otherwise) : given;
  }
}
