package org.resa4j.engine;

import java.util.Comparator;
import java.util.List;

/**
 * A device that an engine can run on.
 *
 * @param id by which it is chosen, unique over all engines: {@code jvm}, {@code opencl:0}
 * @param engine the engine that offers it, {@link EngineProvider#name()}
 * @param backend {@code vector}, {@code scalar}, {@code opencl}, {@code cuda}, {@code ptx}
 * @param name the device's own name
 * @param kind CPU, GPU or accelerator
 * @param memoryBytes memory that the device offers
 * @param maxAllocationBytes largest single buffer
 * @param fp16 whether the device computes or stores half precision
 * @param computeUnits cores, or multiprocessors
 */
public record Device(
    String id,
    String engine,
    String backend,
    String name,
    Kind kind,
    long memoryBytes,
    long maxAllocationBytes,
    boolean fp16,
    int computeUnits) {

  private static final String JVM = "jvm";

  /** What is not named comes last. */
  private static final List<String> BACKENDS = List.of("cuda", "ptx", "opencl");

  /**
   * Likely the fastest first: GPUs, then accelerators, then CPUs, on which the JVM engine is many
   * times faster than an OpenCL driver; of one kind CUDA before PTX before OpenCL, which are back
   * ends for one card.
   */
  public static final Comparator<Device> FASTEST_FIRST =
      Comparator.comparingInt(Device::rank).thenComparingInt(Device::backendRank);

  /** What a device is. */
  public enum Kind {
    CPU,
    GPU,
    ACCELERATOR
  }

  private int rank() {
    return switch (kind) {
      case GPU -> 0;
      case ACCELERATOR -> 1;
      case CPU -> engine.equals(JVM) ? 2 : 3;
    };
  }

  private int backendRank() {
    int at = BACKENDS.indexOf(backend);
    return at < 0 ? BACKENDS.size() : at;
  }
}
