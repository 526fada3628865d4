package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.tornado.graph.WorkSizes;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class WorkSizesTest {
  private static final int FEW = 24;
  private static final int MANY = 40;
  private static final int RUNS = 5;

  /** The bound is read on the device, where TornadoVM keeps a task's global work sizes. */
  static void count(IntArray counts, int bound) {
    for (@Parallel int i = 0; i < bound; i++) {
      counts.set(i, counts.get(i) + 1);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyTaskHasItsOwnSizesInEveryRun() {
    List<OpenedDevice> devices =
        TornadoDevices.all().stream()
            .filter(device -> device.device().backend().equals("opencl"))
            .toList();
    assumeFalse(devices.isEmpty(), "no OpenCL device");
    return devices.stream()
        .map(device -> DynamicTest.dynamicTest(device.device().id(), () -> check(device)));
  }

  private static void check(OpenedDevice device) throws Exception {
    IntArray first = new IntArray(MANY);
    IntArray second = new IntArray(MANY);
    IntArray third = new IntArray(MANY);
    TaskGraph graph =
        device
            .graph("workSizes")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, first, second, third)
            .task("few", WorkSizesTest::count, first, FEW)
            .task("many", WorkSizesTest::count, second, MANY)
            .task("fewAgain", WorkSizesTest::count, third, FEW)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, first, second, third);
    GridScheduler grids = new GridScheduler();
    String name = graph.getTaskGraphName();
    grids.addWorkerGrid(name + ".few", new WorkerGrid1D(FEW));
    grids.addWorkerGrid(name + ".many", new WorkerGrid1D(MANY));
    grids.addWorkerGrid(name + ".fewAgain", new WorkerGrid1D(FEW));
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withDevice(device.target()).withGridScheduler(grids);
      assertThat(WorkSizes.keep(device.target(), plan.getId())).isTrue();
      for (int run = 0; run < RUNS; run++) {
        plan.execute();
      }
    }
    for (int i = 0; i < MANY; i++) {
      assertThat(first.get(i)).as("few %d", i).isEqualTo(i < FEW ? RUNS : 0);
      assertThat(second.get(i)).as("many %d", i).isEqualTo(RUNS);
      assertThat(third.get(i)).as("few again %d", i).isEqualTo(i < FEW ? RUNS : 0);
    }
  }
}
