package org.resa4j.bench.attention;

import static org.resa4j.bench.report.AttentionStage.ATTEND;
import static org.resa4j.bench.report.AttentionStage.DENSE_STEP;
import static org.resa4j.bench.report.AttentionStage.ESTIMATE;
import static org.resa4j.bench.report.AttentionStage.RECTIFY;
import static org.resa4j.bench.report.AttentionStage.RESA_STEP;
import static org.resa4j.bench.report.AttentionStage.SELECT;
import static org.resa4j.bench.report.AttentionStage.SPARSE_STEP;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.attention.LayerTimes.Kind;
import org.resa4j.bench.options.NamedShape;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.bench.report.Spread;
import org.resa4j.bench.report.Target;
import org.resa4j.bench.report.Workload;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceMemoryException;

/**
 * One layer's attention on one device: dense and ReSA side by side, stage by stage, checked in the
 * same run.
 *
 * <p>A step is one token for each sequence, its append included. Where the engine has a device
 * clock, wall times are taken in a layer without profiler and stages in another one with it, for
 * profiling costs wall time. Else stages are wall time. The whole ReSA step adds to the step what
 * rectification costs it: f steps share one rectification of each sequence.
 */
final class AttentionBenchmark {
  /** What the engine is opened with by default: rectification runs in kernels of this size. */
  private static final int ENCODE_TOKENS = 128;

  private final Choice on;
  private final Optional<KvType> kvType;
  private final ResaConfig config;
  private final List<Pages> pages;
  private final Effort effort;
  private final OptionalDouble copyBandwidth;
  private Duration warmUp;

  /**
   * How long to measure.
   *
   * @param first warm-up of each kind of call in the first case: the JVM compiles in it
   * @param warmUp the same in later cases
   * @param repetitions calls that are timed
   */
  record Effort(Duration first, Duration warmUp, int repetitions) {}

  /**
   * @param pages how pages lie; several are measured in turn, in one cache of several parts
   * @param copyBandwidth of the device, in bytes read plus written per second
   */
  AttentionBenchmark(
      Choice on,
      Optional<KvType> kvType,
      ResaConfig config,
      List<Pages> pages,
      Effort effort,
      OptionalDouble copyBandwidth) {
    this.pages = List.copyOf(pages);
    this.on = on;
    this.kvType = kvType;
    this.config = config;
    this.effort = effort;
    warmUp = effort.first();
    this.copyBandwidth = copyBandwidth;
  }

  /** Times of the three kinds of calls. */
  private record Measured(LayerTimes dense, LayerTimes sparse, Optional<LayerTimes> rectify) {}

  /**
   * Reports the rows of one case, but for those whose results are wrong.
   *
   * @param context at least f tokens
   * @return whether all results are right
   * @throws DeviceMemoryException if it does not fit the device
   */
  boolean run(NamedShape shape, int batch, int context, Report report) {
    EngineOptions options =
        EngineOptions.of(context)
            .withDevice(on.device().id())
            .withSequences(batch)
            .withBlockSize(config.blockSize())
            .withEncodeTokens(Math.max(ENCODE_TOKENS, config.rectifyEvery()))
            .withProfile(true);
    if (kvType.isPresent()) {
      options = options.withKvType(kvType.get());
    }
    List<LayerErrors> errors;
    List<Measured> profiled;
    EngineInfo info;
    try (AttentionLayer layer = open(shape, options)) {
      info = layer.info();
      List<RandomLayer> filled = fill(layer);
      errors = filled.stream().map(each -> LayerErrors.of(each, config)).toList();
      profiled = measure(filled);
    }
    warmUp = effort.warmUp();
    List<Measured> plain = profiled;
    if (DeviceProbe.of(on.provider()).hasDeviceClock()) {
      try (AttentionLayer layer = open(shape, options.withProfile(false))) {
        plain = measure(fill(layer));
      }
    }
    boolean right = true;
    for (int i = 0; i < pages.size(); i++) {
      NamedShape named = new NamedShape(pages.get(i).name(shape.name()), shape.shape());
      right &=
          new Rows(named, batch, context, info, errors.get(i))
              .add(plain.get(i), profiled.get(i), report);
    }
    return right;
  }

  /** A layer with room for all sequences once for each way in which pages lie. */
  private AttentionLayer open(NamedShape shape, EngineOptions options) {
    if (pages.size() == 1) {
      return on.provider().openAttention(shape.shape(), options);
    }
    // How much that is depends on the format that the device gets.
    EngineOptions one = options.withContextLength(options.pageTokens()).withSequences(1);
    long page;
    try (AttentionLayer small = on.provider().openAttention(shape.shape(), one)) {
      page = small.info().cacheBytes() / small.info().pages();
    }
    long all = (long) pages.size() * options.sequences() * options.tablePages();
    return on.provider()
        .openAttention(shape.shape(), options.withCacheBytes(Math.multiplyExact(all, page)));
  }

  private List<RandomLayer> fill(AttentionLayer layer) {
    List<RandomLayer> filled = new ArrayList<>();
    for (Pages each : pages) {
      filled.add(new RandomLayer(layer, each.tables(layer.info(), filled.size())));
    }
    return filled;
  }

  private List<Measured> measure(List<RandomLayer> layers) {
    ResaConfig all = ResaConfig.dense(config.blockSize());
    int window = config.rectifyEvery();
    List<Kind> kinds = new ArrayList<>();
    for (RandomLayer layer : layers) {
      kinds.add(new Kind(layer, each -> each.step(all)));
      kinds.add(new Kind(layer, each -> each.step(config)));
      if (window > 0) {
        kinds.add(new Kind(layer, each -> each.rectify(0, window)));
      }
    }
    List<LayerTimes> times = LayerTimes.take(kinds, warmUp, effort.repetitions());
    int each = kinds.size() / layers.size();
    List<Measured> measured = new ArrayList<>();
    for (int i = 0; i < times.size(); i += each) {
      measured.add(
          new Measured(
              times.get(i),
              times.get(i + 1),
              window == 0 ? Optional.empty() : Optional.of(times.get(i + 2))));
    }
    return measured;
  }

  /** Makes the rows of one case. */
  private final class Rows {
    private final Target target;
    private final Workload dense;
    private final Workload sparse;
    private final AttentionBytes bytes;
    private final LayerErrors errors;
    private final double tolerance;
    private final boolean clock = DeviceProbe.of(on.provider()).hasDeviceClock();
    private boolean right = true;

    Rows(NamedShape shape, int batch, int context, EngineInfo info, LayerErrors errors) {
      KvType type = info.kvType();
      this.errors = errors;
      target = Target.of(info);
      dense =
          new Workload(
              shape.name(), shape.shape(), batch, context, ResaConfig.dense(config.blockSize()));
      sparse = new Workload(shape.name(), shape.shape(), batch, context, config);
      bytes = new AttentionBytes(shape.shape(), batch, context, config, type);
      tolerance = LayerErrors.tolerance(type);
    }

    boolean add(Measured plain, Measured profiled, Report report) {
      step(
          report,
          dense,
          DENSE_STEP,
          plain.dense.wall(),
          profiled.dense.all(),
          bytes.dense(),
          errors.dense());
      LayerTimes stages = profiled.sparse;
      stage(report, ESTIMATE, stages.estimate(), bytes.estimate(), errors.select());
      stage(report, SELECT, stages.select(), bytes.select(), errors.select());
      stage(report, ATTEND, stages.attend(), bytes.attend(), errors.attend());
      double stepError = Math.max(errors.select(), errors.attend());
      step(
          report,
          sparse,
          SPARSE_STEP,
          plain.sparse.wall(),
          stages.all(),
          bytes.sparseStep(),
          stepError);
      Spread wall = plain.sparse.wall();
      Spread device = stages.all();
      if (profiled.rectify.isPresent()) {
        double share = (double) sparse.batch() / config.rectifyEvery();
        Spread rectifyWall = plain.rectify.orElseThrow().wall().times(share);
        Spread rectifyDevice = profiled.rectify.orElseThrow().encode().times(share);
        step(
            report, sparse, RECTIFY, rectifyWall, rectifyDevice, bytes.rectify(), errors.rectify());
        wall = wall.plus(rectifyWall);
        device = device.plus(rectifyDevice);
      }
      step(
          report,
          sparse,
          RESA_STEP,
          wall,
          device,
          bytes.sparseStep() + bytes.rectify(),
          Math.max(stepError, errors.rectify()));
      return right;
    }

    private void stage(Report report, String stage, Spread time, long moved, double error) {
      Optional<Spread> some = Optional.of(time);
      add(
          report,
          sparse,
          stage,
          clock ? Optional.empty() : some,
          clock ? some : Optional.empty(),
          moved,
          error);
    }

    private void step(
        Report report,
        Workload work,
        String stage,
        Spread wall,
        Spread device,
        long moved,
        double error) {
      add(
          report,
          work,
          stage,
          Optional.of(wall),
          clock ? Optional.of(device) : Optional.empty(),
          moved,
          error);
    }

    private void add(
        Report report,
        Workload work,
        String stage,
        Optional<Spread> wall,
        Optional<Spread> device,
        long moved,
        double error) {
      if (!(error <= tolerance)) {
        right = false;
        System.err.printf(
            "WRONG: %s on %s, %d sequences of %d tokens: error %.1e, at most %.0e is rounding%n",
            stage, target.label(), work.batch(), work.context(), error, tolerance);
        return;
      }
      report.measured(
          new Row(
              "attention",
              target,
              work,
              stage,
              wall,
              device,
              OptionalLong.of(moved),
              OptionalLong.empty(),
              copyBandwidth,
              error));
    }
  }
}
