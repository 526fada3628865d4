package org.resa4j.bench.generate;

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
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.StageTimes;
import org.resa4j.model.Model;

/**
 * Makes the rows of one engine.
 *
 * @param auto settings of {@link EngineRuns#AUTO}, if that is timed
 */
record GenerateRows(
    Model model,
    Plan plan,
    EngineInfo info,
    Optional<ResaConfig> auto,
    LogitCheck.Errors errors,
    OptionalDouble copyBandwidth,
    Report report) {
  static final String BENCHMARK = "generate";

  private static final String RECTIFY = "rectify";
  private static final Map<String, ToLongFunction<StageTimes>> STAGES = stages();

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
   * Reports what was measured at a depth, but for what is wrong.
   *
   * @param walls runs whose wall time counts, by name
   * @param staged runs whose times by stage count; not of every name
   * @param onDevice whether those are the device's own
   * @return whether all is right
   */
  boolean add(int depth, Map<String, Timed> walls, Map<String, Timed> staged, boolean onDevice) {
    double tolerance = LogitCheck.tolerance(info.kvType());
    boolean right = true;
    for (Map.Entry<String, Timed> wall : walls.entrySet()) {
      String name = wall.getKey();
      double error = error(name);
      if (error <= tolerance) {
        Optional<Timed> stages = Optional.ofNullable(staged.get(name));
        add(depth, name, wall.getValue(), stages.filter(each -> onDevice), error);
        if (!isPrefill(name)) {
          stages.ifPresent(each -> addStages(depth, name, each, onDevice, error));
        }
      } else {
        right = false;
        System.err.printf(Locale.ROOT, "%s: WRONG, not reported: %.1e%n", name, error);
      }
    }
    return right;
  }

  private double error(String name) {
    if (name.startsWith(EngineRuns.DENSE)) {
      return errors.dense();
    }
    if (name.startsWith(EngineRuns.EXACT)) {
      return Math.max(errors.sparse(), errors.verify());
    }
    if (name.startsWith(EngineRuns.AUTO)) {
      return Math.max(errors.dense(), Math.max(errors.sparse(), rectify()));
    }
    return name.startsWith(EngineRuns.RESA)
        ? Math.max(errors.sparse(), rectify())
        : errors.encode();
  }

  private double rectify() {
    return errors.rectify().orElse(errors.encode());
  }

  private void add(int depth, String name, Timed wall, Optional<Timed> device, double error) {
    int count = count(name);
    report.measured(
        new Row(
            BENCHMARK,
            Target.of(info),
            work(depth, name),
            name,
            Optional.of(wall.wall()),
            device.map(timed -> timed.stage(Timed::total)),
            OptionalLong.of(bytes(depth, name, count)),
            OptionalLong.of((long) info.options().sequences() * (isPrefill(name) ? count : 1)),
            copyBandwidth,
            error));
  }

  private long bytes(int depth, String name, int count) {
    Traffic traffic = new Traffic(model, info);
    if (isPrefill(name)) {
      return traffic.prefill(depth, count);
    }
    return name.startsWith(EngineRuns.EXACT)
        ? traffic.exact(depth, count, config(name), plan.exact().orElseThrow())
        : traffic.step(depth, count, config(name));
  }

  /** A row for each stage of a step, of those that took any time. */
  private void addStages(int depth, String name, Timed timed, boolean onDevice, double error) {
    for (var stage : STAGES.entrySet()) {
      Spread time = timed.stage(stage.getValue());
      if (time.median() > 0) {
        report.measured(
            new Row(
                BENCHMARK,
                Target.of(info),
                work(depth, name),
                name(stage.getKey(), name) + " of " + name,
                onDevice ? Optional.empty() : Optional.of(time),
                onDevice ? Optional.of(time) : Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                copyBandwidth,
                error));
      }
    }
  }

  private static String name(String stage, String of) {
    return stage.equals(RECTIFY) && of.startsWith(EngineRuns.EXACT) ? "verify" : stage;
  }

  private Workload work(int depth, String name) {
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
    if (name.startsWith(EngineRuns.AUTO)) {
      return auto.orElseThrow();
    }
    return name.startsWith(EngineRuns.RESA) ? plan.sparse().orElseThrow() : plan.denseConfig();
  }

  private static boolean isPrefill(String name) {
    return name.startsWith("pp");
  }

  private int count(String name) {
    return isPrefill(name) ? Integer.parseInt(name.substring(2)) : plan.generated();
  }
}
