package org.resa4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.attention.ResaConfig;
import org.resa4j.bench.generate.SyntheticModel;
import org.resa4j.bench.options.Samples;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;
import org.resa4j.engine.StepBatch;
import org.resa4j.model.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times dense decoding at short context against adding up the same bytes, in turn. */
@Command(
    name = "decode",
    description =
        "Dense decoding on random weights of Qwen2.5-0.5B's shape, against a plain sum of the same"
            + " bytes.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class DecodeCommand implements Callable<Integer> {
  @Option(names = "--engine", defaultValue = "jvm", description = "jvm or tornado.")
  private String engine;

  @Option(names = "--weights", defaultValue = "BF16", description = "F32, F16, BF16, Q8_0 or Q4_0.")
  private DType type;

  @Option(names = "--repeat", defaultValue = "40", description = "Samples (${DEFAULT-VALUE}).")
  private int repeat;

  @Override
  public Integer call() {
    try (Arena arena = Arena.ofShared()) {
      SyntheticModel.Made made =
          SyntheticModel.make(arena, SyntheticModel.Shape.QWEN25_0_5B, type, false);
      long bytes = made.matrices().stream().mapToLong(MemorySegment::byteSize).sum();
      EngineOptions options = EngineOptions.of(512);
      // The engine first: with it comes the Vector API, in which the sum is written.
      try (Engine running =
              Engines.choose(Optional.of(engine), Optional.empty())
                  .provider()
                  .open(made.model(), options);
          PlainSum plain = new PlainSum()) {
        int[] prompt = new int[64];
        BlockTable table = BlockTable.slots(running.info()).getFirst();
        running.encode(EncodeBatch.of(table, 0, prompt, 0, prompt.length, EncodeBatch.Logits.NONE));
        StepBatch batch = new StepBatch(1);
        int[] position = {prompt.length};
        Runnable step =
            () -> {
              batch.clear();
              batch.add(table, 1, position[0]++ % 400 + 64, ResaConfig.dense(16));
              running.step(batch);
            };
        long[] steps = new long[repeat];
        long[] sums = new long[repeat];
        long check = 0;
        // In turn, so that a slow spell of the machine meets both alike.
        for (int i = -10; i < repeat; i++) {
          long start = System.nanoTime();
          step.run();
          long between = System.nanoTime();
          check += plain.sum(made.matrices());
          long end = System.nanoTime();
          if (i >= 0) {
            steps[i] = between - start;
            sums[i] = end - between;
          }
        }
        report(running, bytes, new Samples(steps), new Samples(sums), check);
      }
    }
    return 0;
  }

  private void report(Engine running, long bytes, Samples step, Samples sum, long check) {
    System.out.printf(
        Locale.ROOT,
        "%s on %s, %s, %d bytes of %s weights%n",
        engine,
        running.info().device().id(),
        "24 layers, hidden 896, 14/2 heads",
        bytes,
        type);
    System.out.printf(
        Locale.ROOT,
        "token      ms: median [quartiles] %s  %6.2f GB/s%n",
        step,
        bytes / step.medianMillis() / 1e6);
    System.out.printf(
        Locale.ROOT,
        "plain sum  ms: median [quartiles] %s  %6.2f GB/s  (checksum %x)%n",
        sum,
        bytes / sum.medianMillis() / 1e6,
        check);
    System.out.printf(
        Locale.ROOT,
        "weights are read at %.0f%% of the plain sum's rate%n",
        100 * sum.medianMillis() / step.medianMillis());
  }
}
