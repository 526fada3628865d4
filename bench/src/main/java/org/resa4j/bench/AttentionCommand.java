package org.resa4j.bench;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StageTimes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times one layer's attention, dense and ReSA side by side, and checks both in the same run. */
@Command(
    name = "attention",
    description = "One layer's attention: dense against ReSA, per stage, checked in the same run.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class AttentionCommand implements Callable<Integer> {
  @Option(names = "--engine", description = "jvm or tornado.")
  private String engine;

  @Option(names = "--device", description = "As `resa devices` lists them.")
  private String device;

  @Option(names = "--kv-type", description = "f32 or f16.")
  private KvType kvType;

  @Option(names = "--heads", defaultValue = "14", description = "Query heads (${DEFAULT-VALUE}).")
  private int heads;

  @Option(names = "--kv-heads", defaultValue = "2", description = "KV heads (${DEFAULT-VALUE}).")
  private int kvHeads;

  @Option(names = "--head-dim", defaultValue = "64", description = "d (${DEFAULT-VALUE}).")
  private int headDim;

  @Option(names = "--batch", defaultValue = "1", description = "Sequences (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--context", defaultValue = "32768", description = "Tokens (${DEFAULT-VALUE}).")
  private int context;

  @Option(names = "--repeat", defaultValue = "30", description = "Samples (${DEFAULT-VALUE}).")
  private int repeat;

  private static final ResaConfig CONFIG = ResaConfig.DEFAULT;
  private static final int CHUNK = 128;
  private static final long WARMUP_NANOS = 1_500_000_000L;

  @Override
  public Integer call() {
    EngineProvider provider =
        Engines.find(Optional.ofNullable(engine), Optional.ofNullable(device));
    EngineOptions options =
        new EngineOptions(
            Optional.ofNullable(device),
            Optional.ofNullable(kvType),
            batch,
            context,
            CONFIG.blockSize(),
            CHUNK,
            0,
            true);
    AttentionShape shape = new AttentionShape(heads, kvHeads, headDim);
    try (RandomLayer layer = new RandomLayer(provider.openAttention(shape, options))) {
      return measure(layer);
    }
  }

  private int measure(RandomLayer layer) {
    KvType type = layer.layer().info().kvType();
    System.out.printf(
        Locale.ROOT,
        "%s, %s; %d query and %d KV heads of %d, %s; %d sequences of %d tokens; keep %s, b=%d,"
            + " f=%d%n",
        layer.layer().info().device().id(),
        layer.layer().info().device().name(),
        heads,
        kvHeads,
        headDim,
        type,
        batch,
        context,
        CONFIG.keepRatio(),
        CONFIG.blockSize(),
        CONFIG.rectifyEvery());
    // Half precision rounds K and V once: 2^-11 each; fp32 sums of 10^5 terms stay below 1e-5.
    double tolerance = type == KvType.F16 ? 2e-3 : 1e-4;
    double worst = check(layer);
    System.out.printf(
        Locale.ROOT, "largest relative error, sampled: %.1e (at most %.0e)%n", worst, tolerance);
    if (!(worst <= tolerance)) {
      System.out.println("WRONG RESULTS: not timed");
      return 1;
    }
    Timed dense = time(layer, () -> layer.step(ResaConfig.dense(CONFIG.blockSize())));
    Timed sparse = time(layer, () -> layer.step(CONFIG));
    Timed rectify = time(layer, () -> layer.rectify(0, CONFIG.rectifyEvery()));
    System.out.printf("%-26s %-34s %s%n", "ms", "wall: median [quartiles]", "stage: mean");
    line("dense step", dense.wall.toString(), dense.attend);
    line("ReSA step, not rectified", sparse.wall.toString(), sparse.step());
    line("  estimate", "", sparse.estimate);
    line("  select", "", sparse.select);
    line("  attend", "", sparse.attend);
    line("rectify one sequence", rectify.wall.toString(), rectify.encode);
    double perStep = (double) batch / CONFIG.rectifyEvery();
    double wall = sparse.wall.medianMillis() + perStep * rectify.wall.medianMillis();
    double stages = sparse.step() + perStep * rectify.encode;
    line("whole ReSA step", String.format(Locale.ROOT, "%9.4f", wall), stages);
    System.out.printf(
        Locale.ROOT,
        "speed-up over own dense: %.2f by wall time, %.2f by stage times; without rectification"
            + " %.2f, %.2f%n",
        dense.wall.medianMillis() / wall,
        dense.attend / stages,
        dense.wall.medianMillis() / sparse.wall.medianMillis(),
        dense.attend / sparse.step());
    return 0;
  }

  private static void line(String what, String wall, double stage) {
    System.out.printf(Locale.ROOT, "%-26s %-34s %9.4f%n", what, wall, stage);
  }

  /** Wall times, and the mean of each stage over the same calls, in milliseconds. */
  private record Timed(Samples wall, double estimate, double select, double attend, double encode) {
    double step() {
      return estimate + select + attend;
    }
  }

  private Timed time(RandomLayer layer, Runnable work) {
    long warm = System.nanoTime();
    while (System.nanoTime() - warm < WARMUP_NANOS) {
      work.run();
    }
    StageTimes before = layer.layer().stageTimes();
    Samples wall =
        Samples.take(
            repeat,
            () -> {
              long start = System.nanoTime();
              work.run();
              return System.nanoTime() - start;
            });
    StageTimes after = layer.layer().stageTimes();
    return new Timed(
        wall,
        (after.estimate() - before.estimate()) / 1e6 / repeat,
        (after.select() - before.select()) / 1e6 / repeat,
        (after.attend() - before.attend()) / 1e6 / repeat,
        (after.encode() - before.encode()) / 1e6 / repeat);
  }

  /** The largest sampled error of a sparse step, a dense one and a rectification. */
  private double check(RandomLayer layer) {
    double worst = 0;
    layer.step(CONFIG);
    for (int row = 0; row < batch; row += 3) {
      for (int head = row % heads; head < heads; head += 5) {
        worst = Math.max(worst, layer.stepError(row, head));
      }
      int missed = layer.missedBlocks(row, row % kvHeads, CONFIG);
      if (missed > CONFIG.keepBlocks(context) / 50) {
        System.out.printf("row %d missed %d of the best blocks%n", row, missed);
        return Double.POSITIVE_INFINITY;
      }
    }
    layer.step(ResaConfig.dense(CONFIG.blockSize()));
    worst = Math.max(worst, layer.stepError(batch - 1, heads - 1));
    int window = CONFIG.rectifyEvery();
    layer.rectify(0, window);
    for (int token : new int[] {0, window / 2, window - 1}) {
      worst = Math.max(worst, layer.rectifyError(token, window, token % heads));
    }
    return worst;
  }
}
