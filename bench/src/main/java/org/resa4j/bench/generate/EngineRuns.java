package org.resa4j.bench.generate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.engine.StageTimes;

/**
 * Times prefill, dense and ReSA decoding on an open engine, in turn, so that a slow spell of the
 * machine meets all alike. One run of each goes before, unmeasured.
 */
final class EngineRuns {
  static final String DENSE = "dense";
  static final String RESA = "ReSA";

  private final Plan plan;
  private final Engine engine;
  private final int repeat;
  private final Context context;
  private final Decoding decoding;
  private int filled;

  EngineRuns(Plan plan, Engine engine, Context context, int repeat) {
    this.plan = plan;
    this.engine = engine;
    this.repeat = repeat;
    this.context = context;
    decoding = new Decoding(engine, plan.contextLength() - plan.depths().getFirst());
  }

  /**
   * Fills the caches up to a depth, no less than the last one, and times what the plan says.
   *
   * @return by {@code pp512}, {@code dense tg128}, {@code ReSA tg128}
   */
  Map<String, Timed> run(int depth) {
    for (int sequence = 0; sequence < engine.info().options().sequences(); sequence++) {
      context.fill(engine, sequence, filled, depth);
    }
    filled = depth;
    Map<String, LongSupplier> work = new LinkedHashMap<>();
    Map<String, Timed> timed = new LinkedHashMap<>();
    for (int prompt : plan.prompts()) {
      add("pp" + prompt, 1, () -> decoding.prefill(depth, prompt), work, timed);
    }
    int count = plan.generated();
    if (count > 0 && plan.dense()) {
      ResaConfig dense = plan.denseConfig();
      add(DENSE + " tg" + count, count, () -> decoding.run(depth, count, dense), work, timed);
    }
    if (count > 0 && plan.sparse().isPresent()) {
      ResaConfig sparse = plan.sparse().get();
      add(RESA + " tg" + count, count, () -> decoding.run(depth, count, sparse), work, timed);
    }
    for (int i = -1; i < repeat; i++) {
      for (String name : work.keySet()) {
        StageTimes before = engine.stageTimes();
        long nanos = work.get(name).getAsLong();
        if (i >= 0) {
          timed.get(name).nanos()[i] = nanos;
          timed.get(name).stages()[i] = Timed.between(before, engine.stageTimes());
        }
      }
    }
    return timed;
  }

  private void add(
      String name,
      int steps,
      LongSupplier run,
      Map<String, LongSupplier> work,
      Map<String, Timed> timed) {
    work.put(name, run);
    timed.put(name, new Timed(steps, repeat));
  }
}
