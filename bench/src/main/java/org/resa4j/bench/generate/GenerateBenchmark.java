package org.resa4j.bench.generate;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.bench.report.Spread;
import org.resa4j.bench.report.Target;
import org.resa4j.bench.report.Workload;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.StageTimes;
import org.resa4j.model.Model;

/**
 * Prefill and decoding of a whole model on one device, checked in the same run.
 *
 * <p>Wall times come from an engine that does not profile. Where times by stage are the device's
 * own, profiling would slow the host down, so they come from runs of a second engine.
 */
final class GenerateBenchmark {
  private static final String BENCHMARK = "generate";
  private static final String RECTIFY = "rectify";
  private static final int PROFILED_RUNS = 3;

  private static final Map<String, ToLongFunction<StageTimes>> STAGES = stages();

  private final Model model;
  private final Plan plan;
  private final Context context;
  private final Optional<LlamaPeer> peer;
  private final boolean byStage;
  private final Report report;

  /**
   * @param peer timed in turn with the engine
   * @param byStage whether times by stage are taken
   */
  GenerateBenchmark(
      Model model,
      Plan plan,
      Context context,
      Optional<LlamaPeer> peer,
      boolean byStage,
      Report report) {
    this.peer = peer;
    this.model = model;
    this.context = context;
    this.plan = plan;
    this.byStage = byStage;
    this.report = report;
  }

  private static Map<String, ToLongFunction<StageTimes>> stages() {
    Map<String, ToLongFunction<StageTimes>> stages = new LinkedHashMap<>();
    stages.put("estimate", StageTimes::estimate);
    stages.put("select", StageTimes::select);
    stages.put("attend", StageTimes::attend);
    stages.put(RECTIFY, StageTimes::encode);
    stages.put("rest", StageTimes::rest);
    return stages;
  }

  /**
   * Runs on one device with one batch, and reports the rows.
   *
   * @return whether all results were right; rows of wrong ones are not reported
   */
  boolean run(Choice on, EngineOptions options, double copyBandwidth) {
    boolean deviceClock = DeviceProbe.of(on.provider()).hasDeviceClock();
    // Else stages are wall time, at the price of reading the clock.
    EngineOptions timed = options.withProfile(byStage && !deviceClock);
    ResaConfig checked = plan.sparse().orElse(plan.denseConfig());
    LogitCheck.Errors errors = new LogitCheck(model, checked).run(on.provider(), timed);
    EngineInfo info;
    Map<Integer, Map<String, Timed>> walls = new HashMap<>();
    Map<Integer, Map<String, Timed>> stages = new HashMap<>();
    try (Engine engine = on.provider().open(model, timed)) {
      info = engine.info();
      EngineRuns runs = new EngineRuns(plan, engine, context, peer, plan.repeat());
      plan.depths().forEach(depth -> walls.put(depth, runs.run(depth)));
    }
    if (byStage && !deviceClock) {
      stages.putAll(walls);
    } else if (byStage) {
      try (Engine engine = on.provider().open(model, options.withProfile(true))) {
        EngineRuns runs = new EngineRuns(plan, engine, context, Optional.empty(), PROFILED_RUNS);
        plan.depths().forEach(depth -> stages.put(depth, runs.run(depth)));
      }
    }
    double tolerance = LogitCheck.tolerance(info.kvType());
    System.err.printf(
        Locale.ROOT,
        "%s: logits of %s, cut to 2 layers, against double precision: dense step %.1e, sparse step"
            + " %.1e, encode %.1e, every row of an encode %.1e (at most %.0e)%n",
        info.device().id(),
        model.name(),
        errors.dense(),
        errors.sparse(),
        errors.encode(),
        errors.verify(),
        tolerance);
    boolean right = peer.map(LlamaPeer::isRight).orElse(true);
    for (int depth : plan.depths()) {
      peer.filter(LlamaPeer::isRight)
          .ifPresent(
              llama ->
                  report.add(llama.row(BENCHMARK, depth, walls.get(depth).get(EngineRuns.LLAMA))));
      walls.get(depth).remove(EngineRuns.LLAMA);
      for (String name : walls.get(depth).keySet()) {
        double error = error(name, errors);
        if (error <= tolerance) {
          Timed wall = walls.get(depth).get(name);
          Optional<Timed> device =
              deviceClock && byStage ? Optional.of(stages.get(depth).get(name)) : Optional.empty();
          report(info, depth, name, wall, device, copyBandwidth, error);
          if (byStage && !name.startsWith("pp")) {
            Timed staged = stages.get(depth).get(name);
            reportStages(info, depth, name, staged, deviceClock, copyBandwidth, error);
          }
        } else {
          right = false;
          System.err.printf(Locale.ROOT, "%s: WRONG, not reported: %.1e%n", name, error);
        }
      }
    }
    return right;
  }

  private static double error(String name, LogitCheck.Errors errors) {
    if (name.startsWith(EngineRuns.DENSE)) {
      return errors.dense();
    }
    if (name.startsWith(EngineRuns.EXACT)) {
      return Math.max(errors.sparse(), errors.verify());
    }
    return name.startsWith(EngineRuns.RESA)
        ? Math.max(errors.sparse(), errors.encode())
        : errors.encode();
  }

  private void report(
      EngineInfo info,
      int depth,
      String name,
      Timed wall,
      Optional<Timed> device,
      double copyBandwidth,
      double error) {
    boolean isPrefill = name.startsWith("pp");
    int count = count(name);
    long bytes = bytes(new Traffic(model, info), depth, name, count);
    report.add(
        new Row(
            BENCHMARK,
            Target.of(info),
            work(info, depth, name),
            name,
            Optional.of(wall.wall()),
            device.map(timed -> timed.stage(Timed::total)),
            OptionalLong.of(bytes),
            OptionalLong.of((long) info.options().sequences() * (isPrefill ? count : 1)),
            OptionalDouble.of(copyBandwidth),
            error));
  }

  private long bytes(Traffic traffic, int depth, String name, int count) {
    if (name.startsWith("pp")) {
      return traffic.prefill(depth, count);
    }
    return name.startsWith(EngineRuns.EXACT)
        ? traffic.exact(depth, count, config(name), plan.exact().orElseThrow())
        : traffic.step(depth, count, config(name));
  }

  /** A row for each stage of a step, of those that took any time. */
  private void reportStages(
      EngineInfo info,
      int depth,
      String name,
      Timed timed,
      boolean onDevice,
      double copyBandwidth,
      double error) {
    for (var stage : STAGES.entrySet()) {
      Spread time = timed.stage(stage.getValue());
      if (time.median() > 0) {
        report.add(
            new Row(
                BENCHMARK,
                Target.of(info),
                work(info, depth, name),
                name(stage.getKey(), name) + " of " + name,
                onDevice ? Optional.empty() : Optional.of(time),
                onDevice ? Optional.of(time) : Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalDouble.of(copyBandwidth),
                error));
      }
    }
  }

  private static String name(String stage, String of) {
    return stage.equals(RECTIFY) && of.startsWith(EngineRuns.EXACT) ? "verify" : stage;
  }

  private Workload work(EngineInfo info, int depth, String name) {
    return new Workload(
        model.name(),
        model.config().attention(),
        info.options().sequences(),
        depth > 0 ? depth : count(name),
        config(name),
        name.startsWith(EngineRuns.EXACT)
            ? OptionalDouble.of(plan.exact().orElseThrow().rate())
            : OptionalDouble.empty());
  }

  private ResaConfig config(String name) {
    if (name.startsWith(EngineRuns.EXACT)) {
      return plan.exactConfig();
    }
    return name.startsWith(EngineRuns.RESA) ? plan.sparse().orElseThrow() : plan.denseConfig();
  }

  private int count(String name) {
    return name.startsWith("pp") ? Integer.parseInt(name.substring(2)) : plan.generated();
  }
}
