package org.resa4j.eval;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cli.UsageException;
import org.resa4j.error.InputException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The settings evaluated side by side: every combination of what the flags list. */
final class SettingFlags {
  private enum Kind {
    DENSE,
    SPARSE,
    RESA,
    EXACT
  }

  private static final String OFF = "0";

  @Option(
      names = "--settings",
      paramLabel = "KIND",
      split = ",",
      defaultValue = "dense,sparse,resa",
      description =
          "Which of dense, sparse, resa and exact (${DEFAULT-VALUE}). Exact mode writes dense"
              + " decoding's texts: with it the report is on that, and on what texts take.")
  private Set<Kind> kinds;

  @Option(
      names = "--rectify-every",
      paramLabel = "TOKENS",
      split = ",",
      converter = Every.class,
      description =
          "Tokens between rectifications of resa, auto or auto:DRIFT; off is sparse (the model's).")
  private List<String> rectifyEvery = List.of();

  @Option(
      names = "--rectify-keep",
      paramLabel = "SHARE",
      split = ",",
      description =
          "Shares of the blocks that each token of a rectification of resa selects; 1 is dense (the"
              + " model's).")
  private List<Double> rectifyKeeps = List.of();

  @Option(
      names = "--draft",
      paramLabel = "TOKENS",
      split = ",",
      converter = Draft.class,
      description = "Tokens that exact mode drafts and verifies at once, or auto (auto).")
  private List<DraftLength> drafts = List.of();

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

  /** Reads an interval as {@link ResaConfig#withRectification} does, and {@code off}. */
  static final class Every implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        return ResaConfig.DEFAULT
            .withRectification(text.equals("off") ? OFF : text)
            .rectification();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'%s': %s, or off".formatted(text, e.getMessage()));
      }
    }
  }

  /** Reads the length of a draft. */
  static final class Draft implements ITypeConverter<DraftLength> {
    @Override
    public DraftLength convert(String text) {
      try {
        return DraftLength.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /**
   * The settings, at least one: dense first, then by block size.
   *
   * @param base the model's own, for what no flag says
   * @throws InputException if the flags leave none
   * @throws UsageException for a value outside its range
   */
  List<Setting> settings(ResaConfig base) {
    return UsageException.unlessMade(() -> made(base));
  }

  private List<Setting> made(ResaConfig base) {
    List<String> intervals = intervals(base.rectification());
    List<DraftLength> windows = windows();
    if (!rectifyKeeps.isEmpty() && !kinds.contains(Kind.RESA)) {
      throw new InputException("--rectify-keep is of resa, which --settings does not name");
    }
    Set<ResaConfig> configs = new LinkedHashSet<>();
    for (int block : or(blockSizes, base.blockSize())) {
      // Dense decoding is the same with blocks of any size.
      if (kinds.contains(Kind.DENSE) && configs.isEmpty()) {
        configs.add(ResaConfig.dense(block));
      }
      for (int least : or(minBlocks, base.minBlocks())) {
        for (int local : or(localBlocks, base.localBlocks())) {
          for (double keep : or(keepRatios, base.keepRatio())) {
            for (String every : intervals) {
              ResaConfig config =
                  new ResaConfig(block, keep, least, local, 0).withRectification(every);
              // Without a rectification there is nothing that it could keep.
              List<Double> shares =
                  every.equals(OFF) ? List.of(1.0) : or(rectifyKeeps, base.rectifyKeep());
              shares.forEach(share -> configs.add(config.withRectifyKeep(share)));
            }
            for (DraftLength draft : windows) {
              configs.add(new ResaConfig(block, keep, least, local, 0).withExact(draft));
            }
          }
        }
      }
    }
    if (configs.stream().filter(ResaConfig::isDense).count()
        > (kinds.contains(Kind.DENSE) ? 1 : 0)) {
      throw new InputException(
          "keep ratio 1 is dense decoding, which --settings dense adds: name others, --keep-ratio"
              + " 0.1");
    }
    if (configs.isEmpty()) {
      throw new InputException("--settings and --rectify-every leave nothing to evaluate");
    }
    return configs.stream().map(Setting::new).toList();
  }

  private List<String> intervals(String ofModel) {
    List<String> intervals = new ArrayList<>();
    if (kinds.contains(Kind.SPARSE)) {
      intervals.add(OFF);
    }
    if (kinds.contains(Kind.RESA)) {
      // A model's own settings may be without rectification; what it would do is still asked for.
      String usual = ofModel.equals(OFF) ? ResaConfig.DEFAULT.rectification() : ofModel;
      or(rectifyEvery, usual).stream().filter(every -> !every.equals(OFF)).forEach(intervals::add);
    } else if (rectifyEvery.stream().anyMatch(every -> !every.equals(OFF))) {
      throw new InputException(
          "--rectify-every names intervals, and --settings %s leaves resa out"
              .formatted(kinds.toString().toLowerCase(Locale.ROOT)));
    }
    return intervals;
  }

  private List<DraftLength> windows() {
    if (kinds.contains(Kind.EXACT)) {
      return or(drafts, DraftLength.AUTO);
    }
    if (!drafts.isEmpty()) {
      throw new InputException("--draft is of exact mode, which --settings does not name");
    }
    return List.of();
  }

  private static <T> List<T> or(List<T> given, T otherwise) {
    return given.isEmpty() ? List.of(otherwise) : given;
  }
}
