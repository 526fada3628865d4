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
  private static final int ROUNDS = 10;
  private static final int AHEAD = 3;

  /** What is added depends on all that was before, so that no run may be missing or come early. */
  static void add(KernelContext context, IntArray sent, IntArray sums) {
    int i = context.globalIdx;
    sums.set(i, next(sums.get(i), sent));
  }

  private static int next(int sum, IntArray sent) {
    int next = sum;
    for (int k = 0; k < 10_000; k++) {
      next = next * 31 + sent.get(k % SIZE);
    }
    return next;
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
    List<IntArray> sums = List.of(new IntArray(SIZE), new IntArray(SIZE));
    GridScheduler grids = new GridScheduler();
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    for (IntArray sum : sums) {
      KernelContext context = new KernelContext();
      TaskGraph graph =
          device
              .graph("ahead" + graphs.size())
              .transferToDevice(DataTransferMode.FIRST_EXECUTION, sum)
              .transferToDevice(DataTransferMode.EVERY_EXECUTION, sent)
              .task("add", RunAheadTest::add, context, sent, sum)
              .transferToHost(DataTransferMode.EVERY_EXECUTION, sum);
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
      int[] expected = {next(0, sent), next(0, sent)};
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SIZE; i++) {
          sent.set(i, round * i + 1);
        }
        // The second graph more often than the first: neither may take the other's place.
        for (int run = 0; run < AHEAD; run++) {
          ahead.get().start(1);
          expected[1] = next(expected[1], sent);
        }
        ahead.get().start(0);
        expected[0] = next(expected[0], sent);
        ahead.get().await();
        for (int graph = 0; graph < 2; graph++) {
          for (int i = 0; i < SIZE; i++) {
            assertThat(sums.get(graph).get(i))
                .as("round %d, graph %d, %d", round, graph, i)
                .isEqualTo(expected[graph]);
          }
        }
      }
    }
  }
}
