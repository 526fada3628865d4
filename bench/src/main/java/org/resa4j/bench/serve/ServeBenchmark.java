package org.resa4j.bench.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.resa4j.bench.generate.LogitCheck;
import org.resa4j.bench.report.Report;
import org.resa4j.bench.report.Row;
import org.resa4j.bench.report.Spread;
import org.resa4j.bench.report.Target;
import org.resa4j.bench.report.Workload;
import org.resa4j.bench.serve.Server.Served;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.generate.Verifications;
import org.resa4j.model.Model;

/**
 * Requests as they come, served together and one after the other on the same engine, in turn; then
 * a long prompt beside texts that are being written. Texts are held against those written alone in
 * the same run.
 */
final class ServeBenchmark {
  private static final String BENCHMARK = "serve";
  private static final String ALONE = "alone: ";
  private static final String TOGETHER = "served: ";

  /** Below it few requests meet, and there is nothing to schedule. */
  private static final double BUSY_ENOUGH = 0.9;

  /** Of the texts before anything is timed: the JVM compiles in them. */
  private static final int WARM_UP_TOKENS = 32;

  private final Model model;
  private final ServePlan plan;
  private final Report report;

  ServeBenchmark(Model model, ServePlan plan, Report report) {
    this.model = model;
    this.plan = plan;
    this.report = report;
  }

  /**
   * Runs on one device, and reports the rows.
   *
   * @return whether all results were right; rows of wrong ones are not reported
   */
  boolean run(Choice on, EngineOptions options) {
    LogitCheck.Errors errors = new LogitCheck(model, plan.config()).run(on.provider(), options);
    try (Engine engine = on.provider().open(model, options)) {
      EngineInfo info = engine.info();
      int vocabulary = model.config().vocabulary();
      TextCheck check = new TextCheck(engine, vocabulary, plan.config());
      int sequences = options.sequences();
      List<Arrival> warmUp =
          plan.arrivals().stream().map(each -> each.now(WARM_UP_TOKENS)).toList();
      serve(engine, warmUp, sequences);
      serve(engine, warmUp.subList(0, Math.min(2, warmUp.size())), 1);
      List<Served> alone = new ArrayList<>();
      List<Served> together = new ArrayList<>();
      for (int i = 0; i < plan.repeat(); i++) {
        alone.add(serve(engine, plan.arrivals(), 1));
        together.add(serve(engine, plan.arrivals(), Integer.MAX_VALUE));
        compare(check, alone.getLast().texts(), together.getLast().texts());
      }
      Optional<BesidePrefill> prefill = Optional.empty();
      if (!plan.readers().isEmpty()) {
        BesidePrefill beside = new BesidePrefill(engine, vocabulary, plan);
        for (int i = 0; i < plan.repeat(); i++) {
          List<WrittenText> texts = beside.run();
          // Each begins when the one before has ended, and has the length that it had beside
          // others.
          List<Arrival> same =
              texts.stream().map(text -> new Arrival(0, text.prompt(), text.length())).toList();
          compare(check, serve(engine, same, 1).texts(), texts);
        }
        prefill = Optional.of(beside);
      }
      System.err.printf(
          Locale.ROOT,
          "%s: %s; logits of %s, cut to 2 layers, are within %.1e of double precision's%n",
          info.device().id(),
          check,
          model.name(),
          errors.worst());
      if (!check.isRight() || !(errors.worst() <= LogitCheck.tolerance(info.kvType()))) {
        System.err.println(info.device().id() + ": WRONG, not reported");
        return false;
      }
      Rows rows = new Rows(info, errors.worst());
      rows.add(ALONE, alone);
      rows.add(TOGETHER, together);
      rows.summary(alone, together);
      rows.drafts(ALONE, alone);
      rows.drafts(TOGETHER, together);
      prefill.ifPresent(rows::add);
      return true;
    }
  }

  private Served serve(Engine engine, List<Arrival> arrivals, int most) {
    // A server of its own: what others left in the cache must not help.
    return new Server(engine, model.config().vocabulary(), plan.config()).serve(arrivals, most);
  }

  private static void compare(TextCheck check, List<WrittenText> alone, List<WrittenText> beside) {
    for (int i = 0; i < alone.size(); i++) {
      check.compare(alone.get(i).prompt(), alone.get(i).tokens(), beside.get(i).tokens());
    }
  }

  /** Makes the rows of one device. */
  private final class Rows {
    private final EngineInfo info;
    private final double error;

    Rows(EngineInfo info, double error) {
      this.info = info;
      this.error = error;
    }

    void add(String how, List<Served> runs) {
      OptionalLong tokens = OptionalLong.of(runs.getFirst().tokens());
      int context = plan.contextLength();
      add(how + "busy", context, spread(runs, Served::busy), tokens);
      add(how + "wall", context, spread(runs, Served::wall), tokens);
      quantiles(
          how + "first token",
          context,
          Quantiles.of(texts(runs).stream().mapToLong(WrittenText::firstToken)));
      long[] gaps = texts(runs).stream().flatMapToLong(WrittenText::gaps).toArray();
      if (gaps.length > 0) {
        quantiles(how + "gap", context, new Quantiles(gaps));
      }
    }

    void add(BesidePrefill prefill) {
      int context = plan.longPrompt().length;
      quantiles("before prefill: gap", context, prefill.before());
      quantiles("beside prefill: gap", context, prefill.beside());
      double median = prefill.beside().spread().median();
      System.err.printf(
          Locale.ROOT,
          "%s: beside the prefill of %d tokens gaps are %.2f ms, %.2f times those before it;"
              + " p99 / median %.2f, max / median %.2f%n",
          info.device().id(),
          context,
          median,
          median / prefill.before().spread().median(),
          prefill.beside().p99().median() / median,
          prefill.beside().max().median() / median);
    }

    void summary(List<Served> alone, List<Served> together) {
      double busyAlone = spread(alone, Served::busy).median();
      double wallAlone = spread(alone, Served::wall).median();
      System.err.printf(
          Locale.ROOT,
          "%s: %d requests served as they come have %.2f times the tokens/s of busy time that they"
              + " have one by one, %.2f times those of wall time%n",
          info.device().id(),
          plan.arrivals().size(),
          busyAlone / spread(together, Served::busy).median(),
          wallAlone / spread(together, Served::wall).median());
      if (busyAlone < BUSY_ENOUGH * wallAlone) {
        System.err.printf(
            Locale.ROOT,
            "%s: one by one they keep it busy for %.0f%% of the time: a shorter --over has more of"
                + " them meet%n",
            info.device().id(),
            100 * busyAlone / wallAlone);
      }
    }

    void drafts(String how, List<Served> runs) {
      Verifications all =
          runs.stream().map(Served::verifications).reduce(Verifications.NONE, Verifications::plus);
      if (all.count() > 0) {
        System.err.printf(
            Locale.ROOT,
            "%s: %s%.1f tokens drafted for a verification, %.0f%% of them accepted, %.1f tokens"
                + " yielded%n",
            info.device().id(),
            how,
            (double) all.drafted() / all.count(),
            100 * all.acceptance(),
            all.tokensEach());
      }
    }

    private void quantiles(String stage, int context, Quantiles times) {
      add(stage, context, times.spread(), OptionalLong.empty());
      add(stage + " p99", context, times.p99(), OptionalLong.empty());
      add(stage + " max", context, times.max(), OptionalLong.empty());
    }

    private void add(String stage, int context, Spread wall, OptionalLong tokens) {
      report.measured(
          new Row(
              BENCHMARK,
              Target.of(info),
              new Workload(
                  model.name(),
                  model.config().attention(),
                  info.options().sequences(),
                  context,
                  plan.config()),
              stage,
              Optional.of(wall),
              Optional.empty(),
              OptionalLong.empty(),
              tokens,
              OptionalDouble.empty(),
              error));
    }

    private List<WrittenText> texts(List<Served> runs) {
      return runs.stream().flatMap(run -> run.texts().stream()).toList();
    }

    private Spread spread(List<Served> runs, ToLongFunction<Served> time) {
      return Spread.ofNanos(runs.stream().mapToLong(time).toArray());
    }
  }
}
