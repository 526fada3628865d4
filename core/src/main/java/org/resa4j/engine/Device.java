package org.resa4j.engine;

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
  /** What a device is. */
  public enum Kind {
    CPU,
    GPU,
    ACCELERATOR
  }
}
