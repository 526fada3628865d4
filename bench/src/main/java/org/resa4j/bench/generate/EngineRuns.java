package org.resa4j.bench.generate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.BlockCache;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Engine;
import org.resa4j.engine.StageTimes;
import org.resa4j.generate.Crossover;
import org.resa4j.generate.RandomCache;

/**
 * Times prefill, and dense, ReSA and exact decoding on an open engine, and a peer if there is one,
 * in turn, so that a slow spell of the machine meets all alike. One run of each goes before,
 * unmeasured.
 */
final class EngineRuns {
  static final String DENSE = "dense";
  static final String RESA = "ReSA";
  static final String EXACT = "exact";
  static final String AUTO = "auto";
  static final String LLAMA = "llama.cpp";

  /** Noisy times are taken again and again, up to so many times as many. */
  private static final int PATIENCE = 3;

  private final Plan plan;
  private final Engine engine;
  private final int repeat;
  private final Context context;
  private final Optional<LlamaPeer> peer;
  private final List<BlockTable> tables;
  private final Decoding decoding;

  /** Tokens that exact mode yields, {@code [window][sequence]}. */
  private final Optional<int[][]> draws;

  private final Optional<ResaConfig> auto;
  private int filled;

  /**
   * @param peer timed in turn with the engine
   * @param contents with which it measures from which length on ReSA takes less time, and times
   *     decoding that is sparse from there on; empty for neither
   */
  EngineRuns(
      Plan plan,
      Engine engine,
      Context context,
      Optional<LlamaPeer> peer,
      int repeat,
      Optional<RandomCache> contents) {
    this.peer = peer;
    this.plan = plan;
    this.engine = engine;
    this.repeat = repeat;
    this.context = context;
    tables = BlockTable.slots(engine.info());
    decoding = new Decoding(engine, tables, plan.contextLength() - plan.depths().getLast());
    draws = plan.exact().map(given -> given.draw(tables.size(), plan.generated()));
    // Before the caches get the contexts, for it fills them with its own.
    auto =
        contents
            .filter(any -> plan.dense() && plan.generated() > 0)
            .flatMap(random -> plan.sparse().map(sparse -> fromWhereItPays(sparse, random)));
  }

  private ResaConfig fromWhereItPays(ResaConfig sparse, RandomCache contents) {
    return sparse.withSparseFrom(
        Crossover.measure(engine, new BlockCache(engine), contents, sparse));
  }

  /** Settings that are dense below the length from which on ReSA takes less time here. */
  Optional<ResaConfig> auto() {
    return auto;
  }

  /**
   * Fills the caches up to a depth, no less than the last one, and times what the plan says.
   *
   * @return by {@code pp512}, {@code llama.cpp}, {@code dense tg128}, {@code ReSA tg128}, {@code
   *     auto tg128}, {@code exact tg128}
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
    if (auto.isPresent()) {
      ResaConfig paying = auto.get();
      add(AUTO + " tg" + count, count, () -> decoding.run(depth, count, paying), work, timed);
    }
    if (count > 0 && draws.isPresent()) {
      int[][] yields = draws.get();
      double each =
          (double) Arrays.stream(yields).flatMapToInt(Arrays::stream).sum() / tables.size();
      ResaConfig exact = plan.exactConfig();
      add(EXACT + " tg" + count, each, () -> decoding.exact(depth, yields, exact), work, timed);
    }
    int runs = -1;
    while (runs < repeat || (runs < PATIENCE * repeat && isNoisy(timed))) {
      for (String name : work.keySet()) {
        StageTimes before = engine.stageTimes();
        long nanos = work.get(name).getAsLong();
        if (runs >= 0) {
          timed.get(name).add(nanos, Timed.between(before, engine.stageTimes()));
        }
      }
      runs++;
    }
    return timed;
  }

  private static boolean isNoisy(Map<String, Timed> timed) {
    return timed.values().stream().anyMatch(each -> each.wall().isNoisy());
  }

  private static void add(
      String name,
      double steps,
      LongSupplier run,
      Map<String, LongSupplier> work,
      Map<String, Timed> timed) {
    work.put(name, run);
    timed.put(name, new Timed(steps));
  }
}
