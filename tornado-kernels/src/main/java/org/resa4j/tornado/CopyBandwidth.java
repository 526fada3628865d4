package org.resa4j.tornado;

import java.util.List;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.array.HostMemory;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** How fast a device copies its memory, by the clock of the device. */
final class CopyBandwidth {
  /** Elements of 8 bytes of each of the two arrays: 256 MiB, beyond any cache. */
  private static final int ELEMENTS = 1 << 25;

  private static final int WARMUPS = 3;
  private static final int RUNS = 12;

  /** Work-items of a work-group. */
  private static final int ITEMS = 256;

  private CopyBandwidth() {}

  /** The widest load there is, one element to an item. */
  static void copy(KernelContext context, LongArray from, LongArray to) {
    int i = context.globalIdx;
    to.set(i, from.get(i));
  }

  /**
   * Bytes read plus written per second, the best of several copies.
   *
   * @throws DeviceException if the device lacks memory, fails, copies wrongly, or tells no time
   */
  static double measure(OpenedDevice opened) {
    Device device = opened.device();
    long largest = device.maxAllocationBytes() - TornadoNativeArray.ARRAY_HEADER - 1;
    long room = Math.min(largest, device.memoryBytes() / 4) / Long.BYTES;
    int size = (int) Math.min(ELEMENTS, room / ITEMS * ITEMS);
    DeviceMemory memory = new DeviceMemory(device);
    memory.add("copied arrays", size, Long.BYTES, List.of());
    memory.add("copied arrays", size, Long.BYTES, List.of());
    memory.check();
    LongArray from = HostMemory.longs(size);
    LongArray to = HostMemory.longs(size);
    for (int i = 0; i < size; i++) {
      from.set(i, i);
    }
    TaskGraph graph =
        opened
            .graph("copyBandwidth")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, from, to)
            .task("copy", CopyBandwidth::copy, new KernelContext(), from, to)
            .transferToHost(DataTransferMode.UNDER_DEMAND, to);
    long best = Long.MAX_VALUE;
    TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
    DeviceUse.open(opened);
    try {
      plan.withDevice(opened.target());
      WorkerGrid grid = new WorkerGrid1D(size);
      grid.setLocalWork(ITEMS, 1, 1);
      plan.withGridScheduler(new GridScheduler(graph.getTaskGraphName() + ".copy", grid));
      plan.withProfiler(ProfilerMode.SILENT);
      for (int run = -WARMUPS; run < RUNS; run++) {
        TornadoExecutionResult result = plan.execute();
        long took = result.getProfilerResult().getDeviceKernelTime();
        // On a busy CPU a driver's clock may not have moved, and tells nothing of the copy.
        if (run >= 0 && took > 0) {
          best = Math.min(best, took);
        }
        if (run == RUNS - 1) {
          result.transferToHost(to);
        }
      }
    } catch (RuntimeException e) {
      throw new DeviceException(
          "%s (%s), copy: %s".formatted(device.id(), device.name(), e.getMessage()), e);
    } finally {
      DeviceUse.close(opened, plan::freeDeviceMemory);
    }
    for (int i = 0; i < size; i++) {
      if (to.get(i) != i) {
        throw new DeviceException(
            "%s (%s) copied element %d as %d".formatted(device.id(), device.name(), i, to.get(i)));
      }
    }
    if (best == Long.MAX_VALUE) {
      throw new DeviceException(
          "%s (%s): its clock tells no time of any of %d copies"
              .formatted(device.id(), device.name(), RUNS));
    }
    return 2e9 * Long.BYTES * size / best;
  }
}
