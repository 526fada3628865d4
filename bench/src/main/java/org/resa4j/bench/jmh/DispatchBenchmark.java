package org.resa4j.bench.jmh;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Drift;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.generate.DecodeLoop;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Sampling;

/**
 * What a decoding step costs above the seam: the loop's bookkeeping, the batch, the checks of its
 * bounds and the calls of an engine that computes nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatchBenchmark {
  private static final int STEPS = 1024;
  private static final int PROMPT = 512;

  @Param({"1", "8"})
  public int sequences;

  private DecodeLoop loop;
  private List<DecodeRequest> requests;

  @Setup
  public void open() {
    EngineOptions options = EngineOptions.of(PROMPT + STEPS).withSequences(sequences);
    loop = new DecodeLoop(new IdleEngine(options), 2);
    requests =
        IntStream.range(0, sequences)
            .mapToObj(
                i ->
                    new DecodeRequest(
                        new int[PROMPT],
                        STEPS,
                        ResaConfig.DEFAULT,
                        Sampling.GREEDY,
                        Set.of(),
                        (token, last) -> true))
            .toList();
  }

  /** A step of all sequences, rectification and its share of the prefill included. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public List<DecodeResult> step() {
    return loop.run(requests);
  }

  /** Checks what every engine checks, and computes nothing. */
  private static final class IdleEngine implements Engine {
    private final EngineOptions options;

    IdleEngine(EngineOptions options) {
      this.options = options;
    }

    @Override
    public EngineInfo info() {
      Device device = new Device("idle", "idle", "idle", "idle", Device.Kind.CPU, 0, 0, true, 1);
      return new EngineInfo(device, KvType.F32, "F32", 0, true, 0, options);
    }

    @Override
    public void encode(
        int sequence, int position, int[] tokens, int offset, int count, boolean logits) {
      Limits.encode(options, sequence, position, count);
    }

    @Override
    public Drift rectify(int sequence, int position, int[] tokens, int offset, int count) {
      throw new UnsupportedOperationException("there is no cache");
    }

    @Override
    public void step(StepBatch batch) {
      Limits.step(options, batch);
    }

    @Override
    public int argmax(int row) {
      return 1;
    }

    @Override
    public void logits(int row, float[] target) {
      throw new UnsupportedOperationException("there are none");
    }

    @Override
    public void load(int layer, int sequence, int position, int count, float[] key, float[] value) {
      throw new UnsupportedOperationException("there is no cache");
    }

    @Override
    public CacheSnapshot snapshot(int layer, int sequence, int tokens) {
      throw new UnsupportedOperationException("there is no cache");
    }

    @Override
    public StageTimes stageTimes() {
      return StageTimes.NONE;
    }

    @Override
    public void close() {}
  }
}
