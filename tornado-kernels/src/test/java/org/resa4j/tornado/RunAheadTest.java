package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.RunAhead;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class RunAheadTest {
  private static final int SIZE = 64;
  private static final int RUNS = 50;

  /** Work enough that a host that did not wait would read too early. */
  static void add(KernelContext context, IntArray sent, IntArray sums, IntArray seen) {
    int i = context.globalIdx;
    int sum = sums.get(i);
    for (int k = 0; k < 10_000; k++) {
      sum = sum * 31 + sent.get(k % SIZE);
    }
    sums.set(i, sum);
    seen.set(i, sum);
  }

  @TestFactory
  Stream<DynamicTest> graphsRunInTheirOrderAndAWaitIsForAll() {
    List<OpenedDevice> devices = TornadoDevices.all();
    assumeFalse(devices.isEmpty(), "no device");
    return devices.stream()
        .map(device -> DynamicTest.dynamicTest(device.device().id(), () -> check(device)));
  }

  private static void check(OpenedDevice device) throws Exception {
    IntArray sent = new IntArray(SIZE);
    IntArray sums = new IntArray(SIZE);
    IntArray seen = new IntArray(SIZE);
    GridScheduler grids = new GridScheduler();
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    for (String name : List.of("aheadFirst", "aheadSecond")) {
      KernelContext context = new KernelContext();
      TaskGraph graph =
          device
              .graph(name)
              .transferToDevice(DataTransferMode.EVERY_EXECUTION, sent, sums)
              .task("add", RunAheadTest::add, context, sent, sums, seen)
              .transferToHost(DataTransferMode.EVERY_EXECUTION, sums, seen);
      grids.addWorkerGrid(graph.getTaskGraphName() + ".add", Grids.groups(1, SIZE));
      graphs.add(graph.snapshot());
    }
    String backend = device.device().backend();
    try (TornadoExecutionPlan plan =
        new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new))) {
      plan.withDevice(device.target()).withGridScheduler(grids);
      if (backend.equals("cuda")) {
        plan.withCUDAGraph();
      }
      plan.execute();
      Optional<RunAhead> ahead = RunAhead.of(plan, device.target(), backend, graphs);
      assertThat(ahead).as("possible with the tests' flags").isPresent();
      for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < SIZE; i++) {
          sent.set(i, run * i);
          sums.set(i, i);
        }
        ahead.get().start(run % 2);
        ahead.get().await();
        IntArray expected = new IntArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
          int sum = i;
          for (int k = 0; k < 10_000; k++) {
            sum = sum * 31 + sent.get(k % SIZE);
          }
          expected.set(i, sum);
        }
        for (int i = 0; i < SIZE; i++) {
          assertThat(seen.get(i)).as("run %d, %d", run, i).isEqualTo(expected.get(i));
        }
      }
    }
  }
}
