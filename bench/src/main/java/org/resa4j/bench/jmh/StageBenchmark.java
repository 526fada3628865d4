package org.resa4j.bench.jmh;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.attention.RandomLayer;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;
import org.resa4j.engine.StageTimes;

/**
 * One layer's attention in JMH, on either engine: the sparse step with its stages as counters (mean
 * nanoseconds of each in a step), the dense step, and rectification of 32 tokens.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StageBenchmark {
  @Param({"jvm", "tornado"})
  public String engine;

  @Param({"4096", "32768"})
  public int context;

  private RandomLayer layer;

  /** Nanoseconds of each stage in a step. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Stages {
    private long calls;
    private StageTimes total = StageTimes.NONE;

    @Setup(Level.Iteration)
    public void clear() {
      calls = 0;
      total = StageTimes.NONE;
    }

    private void add(StageTimes before, StageTimes after) {
      calls++;
      total =
          new StageTimes(
              total.estimate() + after.estimate() - before.estimate(),
              total.select() + after.select() - before.select(),
              total.attend() + after.attend() - before.attend(),
              0,
              0);
    }

    public double estimateNanos() {
      return calls == 0 ? 0 : (double) total.estimate() / calls;
    }

    public double selectNanos() {
      return calls == 0 ? 0 : (double) total.select() / calls;
    }

    public double attendNanos() {
      return calls == 0 ? 0 : (double) total.attend() / calls;
    }
  }

  @Setup
  public void open() {
    EngineOptions options = EngineOptions.of(context).withProfile(true);
    layer =
        new RandomLayer(
            Engines.choose(Optional.of(engine), Optional.empty())
                .provider()
                .openAttention(new AttentionShape(14, 2, 64), options));
  }

  @TearDown
  public void close() {
    layer.close();
  }

  @Benchmark
  public void sparseStep(Stages stages) {
    StageTimes before = layer.layer().stageTimes();
    layer.step(ResaConfig.DEFAULT);
    stages.add(before, layer.layer().stageTimes());
  }

  @Benchmark
  public void denseStep() {
    layer.step(ResaConfig.dense(16));
  }

  @Benchmark
  public void rectify() {
    layer.rectify(0, 32);
  }
}
