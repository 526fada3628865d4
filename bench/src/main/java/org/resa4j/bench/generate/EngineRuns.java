package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Engine;
import org.resa4j.engine.StageTimes;

/**
 * Times prefill, and dense, ReSA and exact decoding on an open engine, and a peer if there is one,
 * in turn, so that a slow spell of the machine meets all alike. One run of each goes before,
 * unmeasured.
 */
final class EngineRuns {
  static final String DENSE = "dense";
  static final String RESA = "ReSA";
  static final String EXACT = "exact";
  static final String LLAMA = "llama.cpp";

  private final Plan plan;
  private final Engine engine;
  private final int repeat;
  private final Context context;
  private final Optional<LlamaPeer> peer;
  private final List<BlockTable> tables;
  private final Decoding decoding;

  /** Tokens that exact mode yields, {@code [window][sequence]}. */
  private final Optional<int[][]> draws;

  private int filled;

  EngineRuns(Plan plan, Engine engine, Context context, Optional<LlamaPeer> peer, int repeat) {
    this.peer = peer;
    this.plan = plan;
    this.engine = engine;
    this.repeat = repeat;
    this.context = context;
    tables = BlockTable.slots(engine.info());
    decoding = new Decoding(engine, tables, plan.contextLength() - plan.depths().getLast());
    draws = plan.exact().map(given -> given.draw(tables.size(), plan.generated()));
  }

  /**
   * Fills the caches up to a depth, no less than the last one, and times what the plan says.
   *
   * @return by {@code pp512}, {@code llama.cpp}, {@code dense tg128}, {@code ReSA tg128}, {@code
   *     exact tg128}
   */
  Map<String, Timed> run(int depth) {
    for (BlockTable table : tables) {
      context.fill(engine, table, filled, depth);
    }
    filled = depth;
    Map<String, LongSupplier> work = new LinkedHashMap<>();
    Map<String, Timed> timed = new LinkedHashMap<>();
    for (int prompt : plan.prompts()) {
      add("pp" + prompt, 1, () -> decoding.prefill(depth, prompt), work, timed);
    }
    peer.ifPresent(llama -> add(LLAMA, llama.steps(), () -> llama.run(depth), work, timed));
    int count = plan.generated();
    if (count > 0 && plan.dense()) {
      ResaConfig dense = plan.denseConfig();
      add(DENSE + " tg" + count, count, () -> decoding.run(depth, count, dense), work, timed);
    }
    if (count > 0 && plan.sparse().isPresent()) {
      ResaConfig sparse = plan.sparse().get();
      add(RESA + " tg" + count, count, () -> decoding.run(depth, count, sparse), work, timed);
    }
    if (count > 0 && draws.isPresent()) {
      int[][] yields = draws.get();
      double each =
          (double) Arrays.stream(yields).flatMapToInt(Arrays::stream).sum() / tables.size();
      ResaConfig exact = plan.exactConfig();
      add(EXACT + " tg" + count, each, () -> decoding.exact(depth, yields, exact), work, timed);
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
      double steps,
      LongSupplier run,
      Map<String, LongSupplier> work,
      Map<String, Timed> timed) {
    work.put(name, run);
    timed.put(name, new Timed(steps, repeat));
  }
}
