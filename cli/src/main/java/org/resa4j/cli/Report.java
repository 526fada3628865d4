package org.resa4j.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.resa4j.Generation;
import org.resa4j.Resa;
import org.resa4j.Usage;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StageTimes;
import org.resa4j.generate.DecodeTimes;
import org.resa4j.generate.Rectification;
import tools.jackson.databind.json.JsonMapper;

/** What the command line says about an engine and a generation. */
final class Report {
  static final String NO_TORNADO =
      "no TornadoVM here, so no OpenCL or CUDA device: ./setup-tornado.sh adds it";

  private Report() {}

  /** One line: engine, device, backend, KV type, memory, dense or sparse. */
  static String startLine(Resa resa, ResaConfig config) {
    EngineInfo info = resa.info().engine();
    Device device = info.device();
    return String.format(
        Locale.ROOT,
        "%s on %s (%s, %s) · %s · weights %s %s · context %d, KV %s %s · %s",
        device.engine(),
        device.id(),
        device.backend(),
        device.name(),
        resa.info().modelName(),
        info.weightType(),
        mebibytes(info.weightBytes()),
        info.options().contextLength(),
        info.kvType().name().toLowerCase(Locale.ROOT),
        mebibytes(info.cacheBytes()),
        describe(config));
  }

  static String describe(ResaConfig config) {
    if (config.isDense()) {
      return "dense";
    }
    String sparse =
        String.format(
            Locale.ROOT, "sparse, keep %s of blocks of %d", config.keepRatio(), config.blockSize());
    if (config.driftTarget().isPresent()) {
      return sparse + ", rectified to a drift of " + config.driftTarget().get().recentDrift();
    }
    return config.rectifyEvery() == 0
        ? sparse + ", not rectified"
        : sparse + ", rectified every " + config.rectifyEvery();
  }

  static String stats(Resa resa, Generation generation) {
    EngineInfo engine = resa.info().engine();
    Usage usage = generation.usage();
    DecodeTimes times = usage.times();
    return String.format(
        Locale.ROOT,
        """
        prompt     %d tokens, %.1f tokens/s, first token after %.0f ms
        generated  %d tokens, %.1f tokens/s, ended by %s
        attention  %.1f%% of the blocks kept
        rectified  %s, %.1f%% of the time, longest %.1f ms
        stages     %s
        memory     weights %s, KV cache %s\
        """,
        usage.promptTokens(),
        times.prefillTokensPerSecond(),
        usage.timeToFirstTokenNanos() / 1e6,
        usage.generatedTokens(),
        times.decodeTokensPerSecond(),
        generation.finish().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        100 * usage.blocksKeptShare(),
        rectified(usage.rectification()),
        share(times.rectifyNanos(), times.stepNanos() + times.rectifyNanos()),
        times.longestRectifyNanos() / 1e6,
        stages(resa.stageTimes()),
        mebibytes(engine.weightBytes()),
        mebibytes(engine.cacheBytes()));
  }

  private static String rectified(Rectification rectification) {
    String often =
        String.format(
            Locale.ROOT,
            "%d times, every %.1f tokens",
            rectification.count(),
            rectification.meanInterval());
    return rectification.recentDrift().isPresent()
        ? String.format(
            Locale.ROOT, "%s, recent drift %.4f", often, rectification.recentDrift().getAsDouble())
        : often;
  }

  private static String stages(StageTimes stages) {
    long step = stages.estimate() + stages.select() + stages.attend() + stages.rest();
    return String.format(
        Locale.ROOT,
        "of a step: estimate %.1f%%, select %.1f%%, attend %.1f%%, rest %.1f%%; encode %.0f ms in"
            + " all",
        share(stages.estimate(), step),
        share(stages.select(), step),
        share(stages.attend(), step),
        share(stages.rest(), step),
        stages.encode() / 1e6);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  static String json(Resa resa, ResaConfig config, Generation generation) {
    Usage usage = generation.usage();
    EngineInfo info = resa.info().engine();
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("text", generation.text());
    root.put("tokens", generation.tokenIds());
    root.put("finish", generation.finish());
    root.put("model", resa.info().modelName());
    root.put("device", info.device());
    root.put("kv_type", info.kvType());
    root.put("context", info.options().contextLength());
    root.put("attention", config);
    root.put("metrics", usage);
    root.put("stages", resa.stageTimes());
    root.put("rectified_every", usage.rectification().meanInterval());
    root.put("prefill_tokens_per_second", usage.times().prefillTokensPerSecond());
    root.put("decode_tokens_per_second", usage.times().decodeTokensPerSecond());
    return JsonMapper.shared().writeValueAsString(root);
  }

  static String mebibytes(long bytes) {
    return bytes < 10L << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}
