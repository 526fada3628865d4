package org.resa4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.ResaInfo;
import org.resa4j.SettingOrigin;
import org.resa4j.Usage;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StageTimes;
import org.resa4j.generate.DecodeTimes;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Rectification;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.Verifications;

/** What the command line says about an engine and a generation. */
final class Report {
  private Report() {}

  static String noTornado() {
    return "no TornadoVM here, so no OpenCL or CUDA device: %s adds it".formatted(Launcher.setup());
  }

  static String describe(ResaConfig config) {
    if (config.isDense()) {
      return "dense";
    }
    String sparse =
        String.format(
            Locale.ROOT,
            "sparse%s, keep %s of blocks of %d",
            config.sparseFrom() == 0 ? "" : " from %d tokens on".formatted(config.sparseFrom()),
            config.keepRatio(),
            config.blockSize());
    if (config.exact().isPresent()) {
      return "exact, drafts " + sparse + ", verified every " + config.exact().get();
    }
    if (config.driftTarget().isPresent()) {
      return sparse + ", rectified to a drift of " + config.driftTarget().get().recentDrift();
    }
    return config.rectifyEvery() == 0
        ? sparse + ", not rectified"
        : sparse
            + ", rectified every "
            + config.rectifyEvery()
            + config
                .rectifySelection()
                .map(selection -> " over the blocks that it selects by " + selection.keepRatio())
                .orElse("");
  }

  static String stats(ResaInfo info, Generation generation, Optional<StageSample> stages) {
    EngineInfo engine = info.engine();
    Usage usage = generation.usage();
    DecodeTimes times = usage.times();
    return String.format(
        Locale.ROOT,
        """
        prompt     %d tokens%s, %.1f tokens/s, first token after %.0f ms
        generated  %d tokens, %.1f tokens/s, ended by %s
        attention  %.1f%% of the blocks kept
        %s
        %smemory     weights %s, KV cache %s\
        """,
        usage.promptTokens(),
        usage.cachedTokens() == 0
            ? ""
            : ", %d of them in the cache already".formatted(usage.cachedTokens()),
        times.prefillTokensPerSecond(),
        usage.timeToFirstTokenNanos() / 1e6,
        usage.generatedTokens(),
        times.decodeTokensPerSecond(),
        ended(generation.finish()),
        100 * usage.blocksKeptShare(),
        usage.verifications().count() > 0
            ? "drafts     " + drafted(usage.verifications(), times)
            : "rectified  " + rectified(usage.rectification(), times),
        stages.map(Report::stages).orElse(""),
        mebibytes(engine.weightBytes()),
        mebibytes(engine.cacheBytes()));
  }

  private static String ended(FinishReason finish) {
    return switch (finish) {
      case END_OF_TEXT -> "end of text";
      case STOP_STRING -> "a stop string";
      case MAX_TOKENS -> "the most tokens asked for";
      case CONTEXT_FULL -> "a full context";
      case TIME_UP -> "the end of its time";
      case CANCELLED -> "an interrupt";
    };
  }

  private static String rectified(Rectification done, DecodeTimes times) {
    if (done.count() == 0) {
      return "never";
    }
    String drift =
        done.recentDrift().isPresent()
            ? String.format(Locale.ROOT, ", recent drift %.4f", done.recentDrift().getAsDouble())
            : "";
    return String.format(
        Locale.ROOT,
        "%d times, every %.1f tokens%s, %.1f%% of the time, longest %.1f ms",
        done.count(),
        done.meanInterval(),
        drift,
        share(times.rectifyNanos(), times.stepNanos() + times.rectifyNanos()),
        times.longestRectifyNanos() / 1e6);
  }

  private static String drafted(Verifications done, DecodeTimes times) {
    return String.format(
        Locale.ROOT,
        "%.1f%% of %d accepted, %d verifications of %.1f tokens each, %.1f%% of the time, longest"
            + " %.1f ms",
        100 * done.acceptance(),
        done.drafted(),
        done.count(),
        done.tokensEach(),
        share(times.verifyNanos(), times.stepNanos() + times.verifyNanos()),
        times.longestVerifyNanos() / 1e6);
  }

  private static String stages(StageSample sample) {
    StageTimes stages = sample.times();
    long step = stages.estimate() + stages.select() + stages.attend() + stages.rest();
    return stages.equals(StageTimes.NONE)
        ? ""
        : String.format(
            Locale.ROOT,
            "stages     of %s: estimate %.1f%%, select %.1f%%, attend %.1f%%, rest %.1f%%%s\n",
            sample.steps().isPresent()
                ? "the last %d steps, taken again with the device's clock on"
                    .formatted(sample.steps().getAsInt())
                : "a step",
            share(stages.estimate(), step),
            share(stages.select(), step),
            share(stages.attend(), step),
            share(stages.rest(), step),
            sample.steps().isPresent()
                ? ""
                : String.format(Locale.ROOT, "; encode %.0f ms in all", stages.encode() / 1e6));
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  /** The settings of the model's files that hold, each file's in a line; empty where none does. */
  static Optional<String> settings(ResaInfo info, GenerationOptions options) {
    Map<String, String> held = held(options);
    Map<String, List<String>> byFile = new TreeMap<>();
    for (SettingOrigin each : info.settings()) {
      boolean own =
          !each.origin().equals(SettingOrigin.DEFAULT)
              && !each.origin().equals(SettingOrigin.BUILDER);
      // What a flag says instead holds no more.
      if (own && each.value().equals(held.getOrDefault(each.name(), each.value()))) {
        byFile
            .computeIfAbsent(each.origin(), file -> new ArrayList<>())
            .add(each.name() + " " + each.value());
      }
    }
    return byFile.isEmpty()
        ? Optional.empty()
        : Optional.of(
            byFile.entrySet().stream()
                .map(
                    file ->
                        "settings   " + file.getKey() + ": " + String.join(", ", file.getValue()))
                .collect(Collectors.joining("\n")));
  }

  /** What a text is written with, by the names and in the words of the model's files. */
  private static Map<String, String> held(GenerationOptions options) {
    ResaConfig attention = options.attention();
    Sampling sampling = options.sampling();
    return Map.ofEntries(
        Map.entry("block_size", Integer.toString(attention.blockSize())),
        Map.entry("keep_ratio", Double.toString(attention.keepRatio())),
        Map.entry("min_blocks", Integer.toString(attention.minBlocks())),
        Map.entry("local_blocks", Integer.toString(attention.localBlocks())),
        Map.entry("rectify_every", attention.rectification()),
        Map.entry("rectify_keep", Double.toString(attention.rectifyKeep())),
        Map.entry("exact", Boolean.toString(attention.exact().isPresent())),
        Map.entry("draft", attention.exact().orElse(DraftLength.AUTO).toString()),
        Map.entry("do_sample", Boolean.toString(!sampling.isGreedy())),
        Map.entry("temperature", Double.toString(sampling.temperature())),
        Map.entry("top_k", Integer.toString(sampling.topK())),
        Map.entry("top_p", Double.toString(sampling.topP())),
        Map.entry("min_p", Double.toString(sampling.minP())),
        Map.entry("repetition_penalty", Double.toString(sampling.repetitionPenalty())));
  }

  static String mebibytes(long bytes) {
    return bytes < 10L << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}
