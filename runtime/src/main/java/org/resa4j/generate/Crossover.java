package org.resa4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.BlockCache;
import org.resa4j.cache.CachedSequence;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EncodeBatch.Logits;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.BusyException;

/**
 * The length from which on sparse steps, with the dense passes that they bring, take less time than
 * dense ones: measured on an engine, at two lengths, with as many sequences as it has rows for.
 *
 * <p>Of a length n each of the three takes a + b n. The pages are some that nobody holds.
 */
public final class Crossover {
  /** What a length is a multiple of: what is closer is noise. */
  static final int GRID = 256;

  /** Of exact mode, where nothing is known of a text. */
  private static final double ASSUMED_ACCEPTANCE = 0.9;

  /** What a kind of call is measured for at a time, within numbers of calls. */
  private static final long MEASURED_NANOS = 40_000_000;

  /**
   * What all is measured for at the most: the JVM compiles what runs often, and then better what
   * runs on, for seconds; until then what is compiled first seems to win.
   */
  private static final long MOST_NANOS = 6_000_000_000L;

  /** Measurements in which nothing fell by so much after which nothing is going to. */
  private static final int SETTLED = 4;

  private static final double FALL = 0.05;

  /** Of calls that take so long one is measured. */
  private static final long SLOW_NANOS = 500_000_000;

  /** A share of a step that is not worth measuring. */
  private static final double LITTLE = 0.01;

  private static final int LEAST_CALLS = 3;
  private static final int MOST_CALLS = 1000;

  private final Engine engine;
  private final EngineOptions options;
  private final ResaConfig config;
  private final List<BlockTable> tables;
  private final RandomCache contents;
  private final LongSupplier clock;

  private Crossover(
      Engine engine,
      ResaConfig config,
      List<BlockTable> tables,
      RandomCache contents,
      LongSupplier clock) {
    this.contents = contents;
    this.clock = clock;
    this.engine = engine;
    this.config = config;
    this.tables = tables;
    options = engine.info().options();
  }

  /**
   * Measures.
   *
   * @param cache the engine's, with room for a context
   * @param contents what is put there: of empty pages the first blocks would be selected, which lie
   *     side by side as no text's do, and sparse steps seem faster than they are
   * @return tokens, for {@link ResaConfig#sparseFrom}: 0 where sparse steps always take less time;
   *     one more than the context holds where they never do, or where the cache is so small beside
   *     the weights that they cannot
   * @throws BusyException if texts in the making leave no room
   */
  public static int measure(
      Engine engine, BlockCache cache, RandomCache contents, ResaConfig config) {
    return measure(engine, cache, contents, config, System::nanoTime);
  }

  /** By another clock, in nanoseconds. */
  static int measure(
      Engine engine,
      BlockCache cache,
      RandomCache contents,
      ResaConfig config,
      LongSupplier clock) {
    if (config.isDense()) {
      return 0;
    }
    EngineOptions options = engine.info().options();
    List<CachedSequence> held = new ArrayList<>();
    try {
      while (held.size() < options.sequences()) {
        CachedSequence next = cache.open(new int[0], 0);
        held.add(next);
        if (!next.reserve(options.contextLength())) {
          held.removeLast().release();
          break;
        }
      }
      if (held.isEmpty()) {
        throw new BusyException(1);
      }
      List<BlockTable> tables = tables(held, options.sequences());
      return new Crossover(engine, config.withSparseFrom(0), tables, contents, clock)
          .measure(options.contextLength());
    } finally {
      held.forEach(CachedSequence::release);
    }
  }

  /** One for each sequence; where the cache does not hold so many contexts, some share pages. */
  private static List<BlockTable> tables(List<CachedSequence> held, int sequences) {
    List<BlockTable> tables = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      BlockTable pages = held.get(i % held.size()).table();
      if (i < held.size()) {
        tables.add(pages);
      } else {
        BlockTable shared = new BlockTable(pages.pages());
        for (int page = 0; page < pages.size(); page++) {
          shared.add(pages.page(page));
        }
        tables.add(shared);
      }
    }
    return tables;
  }

  private int measure(int context) {
    int least = least();
    if (least >= context) {
      // No step leaves a block out.
      return context + 1;
    }
    if (cacheShare(engine.info()) < LITTLE) {
      return context + 1;
    }
    tables.forEach(table -> contents.fill(engine, table, 0, context));
    int near = Math.max(least, context / 4);
    long began = clock.getAsLong();
    Costs far = costs(context);
    Costs close = costs(near);
    int settled = 0;
    while (settled < SETTLED && clock.getAsLong() - began < MOST_NANOS) {
      Costs farAgain = costs(context);
      Costs closeAgain = costs(near);
      boolean fell = farAgain.fellBelow(far) || closeAgain.fellBelow(close);
      settled = fell ? 0 : settled + 1;
      far = far.lower(farAgain);
      close = close.lower(closeAgain);
    }
    return of(near, gain(close), context, gain(far), least);
  }

  /**
   * Nanoseconds at a length.
   *
   * @param dense of a dense step
   * @param sparse of a sparse step
   * @param pass of the pass over a window that sparse steps bring, of all sequences
   */
  private record Costs(double dense, double sparse, double pass) {
    Costs lower(Costs other) {
      return new Costs(
          Math.min(dense, other.dense), Math.min(sparse, other.sparse), Math.min(pass, other.pass));
    }

    boolean fellBelow(Costs other) {
      return dense < (1 - FALL) * other.dense
          || sparse < (1 - FALL) * other.sparse
          || pass < (1 - FALL) * other.pass;
    }
  }

  /** The cache's share of what a dense step reads at the end of a context. */
  private static double cacheShare(EngineInfo info) {
    EngineOptions options = info.options();
    double page = (double) info.cacheBytes() / info.pages();
    double cache = page * options.tablePages() * options.sequences();
    return cache / (cache + info.weightBytes());
  }

  /**
   * Where a line through two points rises above 0.
   *
   * @param near a length
   * @param nearGain what sparse steps gain there
   * @param least the shortest length of which a block is left out
   */
  static int of(int near, double nearGain, int context, double gain, int least) {
    double slope = (gain - nearGain) / (context - near);
    if (gain <= 0) {
      return context + 1;
    }
    if (slope <= 0) {
      return 0;
    }
    double at = context - gain / slope;
    int from = (int) Math.ceil(at / GRID) * GRID;
    return from <= least ? 0 : Math.min(from, context + 1);
  }

  /** The shortest length of which a block is left out, and of which a window is encoded. */
  private int least() {
    int tokens = Math.max(window(), config.blockSize());
    while (tokens <= options.contextLength()
        && config.keepBlocks(tokens) == config.blocks(tokens)) {
      tokens += config.blockSize();
    }
    return tokens;
  }

  /** Tokens of the dense pass that sparse steps bring; 0 for none. */
  private int window() {
    return config
        .exact()
        .map(draft -> Math.min(draft.tokens(), Math.min(options.logitRows(), most())))
        .orElse(Math.min(config.rectifyEvery(), options.contextLength()));
  }

  private int most() {
    return Math.min(options.encodeTokens(), options.contextLength());
  }

  private Costs costs(int length) {
    int window = window();
    return new Costs(
        step(ResaConfig.dense(config.blockSize()), length),
        step(config, length),
        window == 0 ? 0 : options.sequences() * pass(length, window));
  }

  /** What a dense step takes more than what writes as many tokens sparsely. */
  private double gain(Costs costs) {
    int window = window();
    if (window == 0) {
      return costs.dense - costs.sparse;
    }
    if (config.exact().isEmpty()) {
      return costs.dense - costs.sparse - costs.pass / window;
    }
    double yield = (1 - Math.pow(ASSUMED_ACCEPTANCE, window)) / (1 - ASSUMED_ACCEPTANCE);
    return costs.dense - ((window - 1) * costs.sparse + costs.pass) / yield;
  }

  private double step(ResaConfig settings, int length) {
    StepBatch batch = new StepBatch(options.sequences());
    for (int row = 0; row < options.sequences(); row++) {
      batch.add(tables.get(row), 0, length - 1, settings);
    }
    return median(() -> engine.step(batch));
  }

  /** Nanoseconds of a window's pass, of as many sequences as share a call. */
  private double pass(int length, int window) {
    int tokens = Math.min(window, most());
    boolean verifies = config.exact().isPresent();
    int together = Math.min(options.sequences(), options.encodeTokens() / tokens);
    if (verifies) {
      together = Math.max(1, Math.min(together, options.logitRows() / tokens));
    }
    EncodeBatch batch = new EncodeBatch(options.sequences(), options.encodeTokens());
    for (int i = 0; i < together; i++) {
      batch.add(
          tables.get(i),
          length - tokens,
          new int[tokens],
          0,
          tokens,
          verifies ? Logits.ALL : Logits.NONE);
      config.rectifySelection().ifPresent(batch::select);
    }
    double call = median(() -> engine.encode(batch));
    return call / together * window / tokens;
  }

  /** Nanoseconds of a call, over a while of them; the first is not counted, unless it is long. */
  private double median(Runnable call) {
    long start = clock.getAsLong();
    call.run();
    long first = clock.getAsLong() - start;
    if (first > SLOW_NANOS) {
      return first;
    }
    long[] nanos = new long[MOST_CALLS];
    int calls = 0;
    long all = 0;
    while (calls < LEAST_CALLS || (all < MEASURED_NANOS && calls < MOST_CALLS)) {
      long began = clock.getAsLong();
      call.run();
      nanos[calls] = clock.getAsLong() - began;
      all += nanos[calls++];
    }
    Arrays.sort(nanos, 0, calls);
    return nanos[calls / 2];
  }
}
