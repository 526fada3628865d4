package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.cache.BlockCache;
import org.resa4j.cache.CachedSequence;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StepBatch;
import org.resa4j.error.BusyException;

class CrossoverTest {
  private static final int CONTEXT = 8192;

  /** Nanoseconds after which a virtual machine has compiled what it will. */
  private static final long WARM = 1_200_000_000;

  private static final ResaConfig CONFIG = new ResaConfig(16, 0.1, 16, 1, 32);

  /** Takes as long as it is told to, in microseconds, by its own clock. */
  private static final class SlowEngine extends EngineDecorator {
    private final double densePerToken;
    private double sparse;
    private double pass;
    private long nanos;
    double sparseAfter = Double.POSITIVE_INFINITY;
    double fall = 1;
    int passes;
    int loaded;
    long weightBytes = 1;

    SlowEngine(int sequences, double densePerToken, double sparse, double pass) {
      this(EngineOptions.of(CONTEXT).withSequences(sequences), densePerToken, sparse, pass);
    }

    SlowEngine(EngineOptions options, double densePerToken, double sparse, double pass) {
      super(new RecordingEngine(options));
      this.densePerToken = densePerToken;
      this.sparse = sparse;
      this.pass = pass;
    }

    @Override
    public EngineInfo info() {
      EngineInfo info = super.info();
      return new EngineInfo(
          info.device(),
          info.kernels(),
          info.kvType(),
          info.weightType(),
          weightBytes,
          info.weightsInPlace(),
          info.pages(),
          info.cacheBytes(),
          info.options());
    }

    @Override
    public void step(StepBatch batch) {
      Limits.step(info(), batch);
      takes(batch.isDense() ? batch.tokens(0) * densePerToken : sparse);
      if (nanos > WARM) {
        sparse = Math.min(sparse, sparseAfter);
      }
    }

    @Override
    public void encode(EncodeBatch batch) {
      Limits.encode(info(), batch, Integer.MAX_VALUE);
      passes += batch.size();
      takes(pass * batch.size());
      pass *= fall;
    }

    @Override
    public void load(
        int layer, BlockTable table, int position, int count, float[] key, float[] value) {
      assertThat(key[0]).as("no two alike").isNotEqualTo(key[1]);
      loaded += count;
    }

    private void takes(double microseconds) {
      nanos += Math.round(microseconds * 1000);
    }

    long nanos() {
      return nanos;
    }
  }

  private static RandomCache contents() {
    return new RandomCache(1, new AttentionShape(1, 1, 1), 128);
  }

  private static int measure(SlowEngine engine, ResaConfig config) {
    return Crossover.measure(engine, new BlockCache(engine), contents(), config, engine::nanos);
  }

  @Test
  void itLiesWhereTheTimesMeet() {
    // 4096 tokens take 2048 us densely; 1024 us sparsely, and 32768 us for 32 of them.
    SlowEngine engine = new SlowEngine(1, 0.5, 1024, 32768);
    assertThat(measure(engine, CONFIG)).isEqualTo(4096);
    assertThat(engine.passes).isPositive();
    assertThat(engine.loaded).isEqualTo(CONTEXT);
  }

  @Test
  void everySequenceBringsItsOwnPasses() {
    // Of two, which take their turns in one call.
    SlowEngine engine = new SlowEngine(2, 0.5, 1024, 16384);
    assertThat(measure(engine, CONFIG)).isEqualTo(4096);
  }

  @Test
  void aCacheThatHoldsFewerContextsWillDo() {
    EngineOptions options = EngineOptions.of(CONTEXT).withSequences(3);
    long one = new RecordingEngine(options.withSequences(1)).info().cacheBytes();
    SlowEngine engine = new SlowEngine(options.withCacheBytes(2 * one), 0.5, 1024, 10922);
    assertThat(engine.info().pages()).isLessThan(3 * options.tablePages());
    assertThat(measure(engine, CONFIG)).isEqualTo(4096);
  }

  @Test
  void withoutRectificationThereAreNoPasses() {
    SlowEngine engine = new SlowEngine(1, 0.5, 1024, 1e6);
    assertThat(measure(engine, CONFIG.withRectifyEvery(0))).isEqualTo(2048);
    assertThat(engine.passes).isZero();
  }

  @Test
  void exactModeCountsWhatAVerificationYields() {
    // A window of 8 yields 5.7 tokens, for 7 steps of 200 us and a pass of 4300 us: 1000 us each.
    SlowEngine engine = new SlowEngine(1, 0.5, 200, 4300);
    assertThat(measure(engine, CONFIG.withExact(DraftLength.of(8)))).isEqualTo(2048);
  }

  @Test
  void whatNeverPaysIsAsLongAsNoContext() {
    assertThat(measure(new SlowEngine(1, 0.05, 1024, 1024), CONFIG)).isEqualTo(CONTEXT + 1);
    ResaConfig all = new ResaConfig(16, 0.1, CONTEXT, 1, 32);
    assertThat(measure(new SlowEngine(1, 1, 1, 1), all)).isEqualTo(CONTEXT + 1);
  }

  @Test
  void whatTakesLongIsMeasuredOnce() {
    // 4096 tokens take 4 s densely; 2 s sparsely, and 64 s for 32 of them.
    SlowEngine engine = new SlowEngine(1, 1000, 2_048_000, 65_536_000);
    assertThat(measure(engine, CONFIG)).isEqualTo(4096);
    assertThat(engine.passes).isEqualTo(2);
  }

  @Test
  void whatFallsIsMeasuredUntilItSettles() {
    // Sparse steps, compiled last, take 20 times as long at first.
    SlowEngine engine = new SlowEngine(1, 0.5, 20 * 1024, 32768);
    engine.sparseAfter = 1024;
    assertThat(measure(engine, CONFIG)).isEqualTo(4096);
  }

  @Test
  void whatNeverSettlesIsMeasuredForAWhile() {
    SlowEngine engine = new SlowEngine(1, 0.5, 1024, 32768);
    engine.fall = 0.992;
    measure(engine, CONFIG);
    assertThat(engine.nanos()).isBetween(5_000_000_000L, 9_000_000_000L);
  }

  @Test
  void aCacheThatIsNothingBesideTheWeightsIsNotMeasured() {
    SlowEngine engine = new SlowEngine(1, 2, 100, 100);
    engine.weightBytes = 99 * engine.info().cacheBytes() - 1000;
    assertThat(measure(engine, CONFIG)).isZero();
    engine.weightBytes += 2000;
    assertThat(measure(engine, CONFIG)).isEqualTo(CONTEXT + 1);
  }

  @Test
  void whatAlwaysPaysBeginsAtOnceAndDenseAttentionHasNothingToBegin() {
    assertThat(measure(new SlowEngine(1, 2, 100, 100), CONFIG)).isZero();
    assertThat(measure(new SlowEngine(1, 1, 1, 1), ResaConfig.dense(16))).isZero();
  }

  @Test
  void aLineIsFollowedToTheNextMultiple() {
    assertThat(Crossover.of(2048, -100, 8192, 200, 272)).isEqualTo(4096);
    assertThat(Crossover.of(2048, -101, 8192, 200, 272)).isEqualTo(4352);
    assertThat(Crossover.of(2048, 100, 8192, 110, 272)).isZero();
    assertThat(Crossover.of(2048, 100, 8192, 90, 272)).isZero();
    assertThat(Crossover.of(2048, -100, 8192, 0, 272)).isEqualTo(8193);
    assertThat(Crossover.of(2048, 100, 8192, -1, 272)).isEqualTo(8193);
  }

  @Test
  void theCacheIsLeftAsItWas() {
    SlowEngine engine = new SlowEngine(1, 2, 100, 100);
    BlockCache cache = new BlockCache(engine);
    Crossover.measure(engine, cache, contents(), CONFIG, engine::nanos);
    assertThat(cache.heldPages()).isZero();
    assertThat(cache.usedPages()).isZero();
    try (var held = new Held(cache)) {
      assertThatThrownBy(() -> Crossover.measure(engine, cache, contents(), CONFIG, engine::nanos))
          .isInstanceOf(BusyException.class);
    }
    assertThat(cache.heldPages()).isZero();
  }

  /** A text in the making. */
  private static final class Held implements AutoCloseable {
    private final CachedSequence sequence;

    Held(BlockCache cache) {
      sequence = cache.open(new int[] {1}, 0);
      sequence.reserve(100);
    }

    @Override
    public void close() {
      sequence.release();
    }
  }
}
