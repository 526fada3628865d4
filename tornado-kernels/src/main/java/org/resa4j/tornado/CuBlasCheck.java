package org.resa4j.tornado;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.tornado.array.HostMemory;
import org.resa4j.tornado.cublas.CuBlasLinear;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Whether cuBLAS can be used: an SDK may have been built without its part for it, and the machine
 * may lack the library. Multiplies two small matrices.
 */
final class CuBlasCheck {
  /** Of devices that have been tried, why it cannot be used; empty where it can. */
  private static final Map<String, Optional<String>> TRIED = new ConcurrentHashMap<>();

  /** What cuBLAS wants of the place of a matrix's first number, in bytes. */
  private static final int ALIGNMENT = 16;

  private static final int OUTPUTS = 8;
  private static final int INPUTS = 16;
  private static final int ROWS = 2;

  private CuBlasCheck() {}

  static boolean works(Device device) {
    return fault(TornadoDevices.find(Optional.of(device.id()))).isEmpty();
  }

  /** That it is not there is no fault: own kernels do without. */
  static Diagnosis run(OpenedDevice device) {
    return Diagnosis.good(
        device.device().id() + " cuBLAS",
        fault(device)
            .map(
                fault ->
                    "not in use, products of several rows by own kernels: "
                        + fault
                        + "; it takes CUDA's cuBLAS and an SDK that was built with it")
            .orElse("in use for products of several rows"));
  }

  /** Why not; empty if it can. Tried once. */
  private static Optional<String> fault(OpenedDevice device) {
    return TRIED.computeIfAbsent(device.device().id(), id -> attempt(device));
  }

  private static Optional<String> attempt(OpenedDevice device) {
    if (TornadoNativeArray.ARRAY_HEADER % ALIGNMENT != 0) {
      return Optional.of(
          "arrays begin at byte %d, it wants a multiple of %d: let the JVM have"
                  .formatted(TornadoNativeArray.ARRAY_HEADER, ALIGNMENT)
              + " -XX:+UseCompressedClassPointers");
    }
    HalfFloatArray weights = HostMemory.halfs(OUTPUTS * INPUTS);
    HalfFloatArray input = HostMemory.halfs(ROWS * INPUTS);
    FloatArray output = HostMemory.floats(ROWS * OUTPUTS);
    // Small whole numbers, so that all sums are exact.
    for (int i = 0; i < OUTPUTS * INPUTS; i++) {
      weights.set(i, new HalfFloat(i % 7 - 3));
    }
    for (int i = 0; i < ROWS * INPUTS; i++) {
      input.set(i, new HalfFloat(i % 5 - 2));
    }
    output.init(1);
    try {
      multiply(device, weights, input, output);
    } catch (RuntimeException | LinkageError e) {
      return Optional.of(String.valueOf(e.getMessage()).strip());
    }
    for (int row = 0; row < ROWS; row++) {
      for (int o = 0; o < OUTPUTS; o++) {
        float expected = 1;
        for (int i = 0; i < INPUTS; i++) {
          expected +=
              weights.get(o * INPUTS + i).getFloat32() * input.get(row * INPUTS + i).getFloat32();
        }
        float got = output.get(row * OUTPUTS + o);
        if (got != expected) {
          return Optional.of("it computes %g, not %g".formatted(got, expected));
        }
      }
    }
    return Optional.empty();
  }

  private static void multiply(
      OpenedDevice device, HalfFloatArray weights, HalfFloatArray input, FloatArray output) {
    TaskGraph graph = device.graph("cublas");
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, weights, input, output);
    graph.libraryTask(
        "product",
        to -> CuBlasLinear.product(weights, OUTPUTS, INPUTS, input, ROWS, to, true),
        output);
    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, output);
    TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
    DeviceUse.open(device);
    try {
      plan.withDevice(device.target()).execute();
    } finally {
      DeviceUse.close(device, plan::freeDeviceMemory);
    }
  }
}
