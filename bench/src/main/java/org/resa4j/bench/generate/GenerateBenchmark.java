package org.resa4j.bench.generate;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.report.Report;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.generate.RandomCache;
import org.resa4j.model.Model;

/**
 * Prefill and decoding of a whole model on one device, checked in the same run.
 *
 * <p>Wall times come from an engine that does not profile. Where times by stage are the device's
 * own, profiling would slow the host down, so they come from runs of another engine, which go
 * first: the rows of a depth are reported as soon as its wall times are there.
 */
final class GenerateBenchmark {
  private static final int PROFILED_RUNS = 3;

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

  /**
   * Runs on one device with one batch, and reports the rows.
   *
   * @param begins hears of each depth before it is measured
   * @return whether all results were right; rows of wrong ones are not reported
   */
  boolean run(Choice on, EngineOptions options, OptionalDouble copyBandwidth, IntConsumer begins) {
    boolean deviceClock = DeviceProbe.of(on.provider()).hasDeviceClock();
    // Else stages are wall time, at the price of reading the clock.
    EngineOptions timed = options.withProfile(byStage && !deviceClock);
    ResaConfig checked = plan.sparse().orElse(plan.denseConfig());
    LogitCheck.Errors errors = new LogitCheck(model, checked).run(on.provider(), timed);
    Map<Integer, Map<String, Timed>> onDevice = new HashMap<>();
    if (byStage && deviceClock) {
      try (Engine engine = on.provider().open(model, options.withProfile(true))) {
        EngineRuns runs =
            new EngineRuns(
                plan, engine, context, Optional.empty(), PROFILED_RUNS, Optional.empty());
        plan.depths().forEach(depth -> onDevice.put(depth, runs.run(depth)));
      }
    }
    boolean right = peer.map(LlamaPeer::isRight).orElse(true);
    try (Engine engine = on.provider().open(model, timed)) {
      EngineInfo info = engine.info();
      RandomCache contents = new RandomCache(model.config(), info.options().encodeTokens());
      print(info, errors);
      EngineRuns runs =
          new EngineRuns(plan, engine, context, peer, plan.repeat(), Optional.of(contents));
      runs.auto().ifPresent(settings -> print(info, settings));
      GenerateRows rows =
          new GenerateRows(model, plan, info, runs.auto(), errors, copyBandwidth, report);
      for (int depth : plan.depths()) {
        begins.accept(depth);
        Map<String, Timed> walls = runs.run(depth);
        Timed llama = walls.remove(EngineRuns.LLAMA);
        peer.filter(LlamaPeer::isRight)
            .ifPresent(each -> report.measured(each.row(GenerateRows.BENCHMARK, depth, llama)));
        if (byStage) {
          right &= rows.add(depth, walls, deviceClock ? onDevice.get(depth) : walls, deviceClock);
        } else {
          right &= rows.add(depth, walls, Map.of(), false);
        }
      }
    }
    return right;
  }

  private void print(EngineInfo info, LogitCheck.Errors errors) {
    System.err.printf(
        Locale.ROOT,
        "%s: logits of %s, cut to 2 layers, against double precision: dense step %.1e, sparse step"
            + " %.1e, encode %.1e, every row of an encode %.1e%s (at most %.0e)%n",
        info.device().id(),
        model.name(),
        errors.dense(),
        errors.sparse(),
        errors.encode(),
        errors.verify(),
        errors.rectify().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT, ", over selected blocks %.1e", errors.rectify().getAsDouble()),
        LogitCheck.tolerance(info.kvType()));
  }

  private static void print(EngineInfo info, ResaConfig auto) {
    System.err.printf(
        Locale.ROOT,
        auto.sparseFrom() > info.options().contextLength()
            ? "%s: auto: dense, up to the %d tokens of the longest case%n"
            : "%s: auto: dense below %d tokens, ReSA from there on%n",
        info.device().id(),
        Math.min(auto.sparseFrom(), info.options().contextLength()));
  }
}
