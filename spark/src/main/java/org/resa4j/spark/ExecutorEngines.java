package org.resa4j.spark;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.resa4j.Resa;
import org.resa4j.engine.Engines;

/** The engines of this executor. One to a process is what a device has memory for. */
final class ExecutorEngines {
  private static final Duration IDLE = Duration.ofMinutes(2);
  private static final int SEQUENCES = 8;
  private static final String CORES = "spark.executor.cores";

  // Spark gives tasks of one process no other place in common.
  private static final Shared<EngineKey, Resa> ENGINES = new Shared<>(IDLE);

  private ExecutorEngines() {}

  /**
   * The engine of a task.
   *
   * @throws org.resa4j.error.ResaException if it cannot be opened
   */
  static Shared<EngineKey, Resa>.Lease of(TaskContext task, BatchOptions options) {
    Optional<String> gpu = AssignedGpu.address(task);
    Supplier<Resa> open =
        () -> {
          Resa.Builder builder =
              Resa.builder(options.model().path()).sequences(SEQUENCES).threads(threads());
          gpu.map(ExecutorEngines::device).ifPresent(builder::device);
          return options.engine().apply(builder).build();
        };
    return ENGINES.acquire(EngineKey.of(options, gpu), open);
  }

  /** A GPU's device. */
  static String device(String address) {
    return AssignedGpu.device(
        address, Engines.choices().stream().map(Engines.Choice::device).toList());
  }

  /**
   * Several executors of a machine share its cores. 0, which is every core, where none are named.
   */
  static int threads() {
    return SparkEnv.get().conf().getInt(CORES, 0);
  }
}
