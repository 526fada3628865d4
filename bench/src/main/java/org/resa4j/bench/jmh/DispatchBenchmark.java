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
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.Device;
import org.resa4j.engine.Drift;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Limits;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;
import org.resa4j.generate.DecodeRequest;
import org.resa4j.generate.DecodeResult;
import org.resa4j.generate.Sampling;
import org.resa4j.generate.Scheduler;

/**
 * What a decoding step costs above the seam: the scheduler's and the cache's bookkeeping, the
 * batch, the checks of its bounds and the calls of an engine that computes nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DispatchBenchmark {
  private static final int STEPS = 1024;
  private static final int PROMPT = 512;
  private static final int VOCABULARY = 2;

  @Param({"1", "8"})
  public int sequences;

  private Scheduler scheduler;
  private List<DecodeRequest> requests;

  @Setup
  public void open() {
    EngineOptions options = EngineOptions.of(PROMPT + STEPS).withSequences(sequences);
    scheduler = new Scheduler(new IdleEngine(options), VOCABULARY);
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
    return scheduler.run(requests);
  }

  /** Checks what every engine checks, and computes nothing. */
  private static final class IdleEngine implements Engine {
    private final EngineInfo info;

    IdleEngine(EngineOptions options) {
      Device device = new Device("idle", "idle", "idle", "idle", Device.Kind.CPU, 0, 0, true, 1);
      int pages = options.sequences() * options.tablePages();
      info = new EngineInfo(device, "none", KvType.F32, "F32", 0, true, pages, 0, options);
    }

    @Override
    public EngineInfo info() {
      return info;
    }

    @Override
    public void encode(EncodeBatch batch) {
      Limits.encode(info, batch, VOCABULARY);
    }

    @Override
    public Drift rectify(BlockTable table, int position, int[] tokens, int offset, int count) {
      throw new UnsupportedOperationException("there is no cache");
    }

    @Override
    public void step(StepBatch batch) {
      Limits.step(info, batch);
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
    public void load(
        int layer, BlockTable table, int position, int count, float[] key, float[] value) {
      throw new UnsupportedOperationException("there is no cache");
    }

    @Override
    public void copyPage(int from, int to) {
      Limits.copy(info, from, to);
    }

    @Override
    public CacheSnapshot snapshot(int layer, BlockTable table, int tokens) {
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
