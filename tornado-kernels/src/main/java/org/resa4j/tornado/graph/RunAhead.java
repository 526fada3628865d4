package org.resa4j.tornado.graph;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoTaskGraphInterface;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.ExecutorFrame;

/**
 * Starts a plan's graphs one after the other; the host waits when it is told to.
 *
 * <p>A plan waits for each graph. Here the graphs run without it; where they are CUDA graphs, those
 * are launched as they were captured.
 *
 * <p>Of TornadoVM 5.2.0's insides, like {@link SharedIds}.
 */
public final class RunAhead {
  /** What the JVM must be told. */
  public static final String FLAGS = Insides.FLAGS;

  private static final String CUDA = "cuda";

  private final List<TornadoTaskGraphInterface> graphs;
  private final ExecutorFrame frame;
  private final Optional<Captured> captured;

  /**
   * CUDA's graphs.
   *
   * @param handles of each
   */
  private record Captured(Method launch, long queue, List<Long> handles) {}

  private RunAhead(
      List<TornadoTaskGraphInterface> graphs, ExecutorFrame frame, Optional<Captured> captured) {
    this.graphs = graphs;
    this.frame = frame;
    this.captured = captured;
  }

  /** Whether the JVM lets it be done. */
  public static boolean possible() {
    return Insides.canOpen();
  }

  /**
   * Of a plan whose graphs have all run, and are run by nobody else from now on.
   *
   * @param backend the device's
   * @param graphs the plan's
   * @return nothing if it is not {@link #possible}
   * @throws IllegalStateException if TornadoVM's insides are others
   */
  public static Optional<RunAhead> of(
      TornadoExecutionPlan plan,
      TornadoDevice device,
      String backend,
      List<ImmutableTaskGraph> graphs) {
    if (!possible()) {
      return Optional.empty();
    }
    try {
      List<TornadoTaskGraphInterface> inside = new ArrayList<>();
      for (ImmutableTaskGraph graph : graphs) {
        Object mutable = Insides.field(graph, "taskGraph");
        inside.add((TornadoTaskGraphInterface) Insides.field(mutable, "taskGraphImpl"));
      }
      return Optional.of(
          new RunAhead(
              inside,
              new ExecutorFrame(plan.getId()),
              backend.equals(CUDA)
                  ? Optional.of(captured(device, plan.getId(), inside))
                  : Optional.empty()));
    } catch (ReflectiveOperationException e) {
      throw Insides.changed(e);
    }
  }

  private static Captured captured(
      TornadoDevice device, long plan, List<TornadoTaskGraphInterface> graphs)
      throws ReflectiveOperationException {
    Object context = Insides.call(device, "getDeviceContext");
    Insides.open(context.getClass());
    Method queueOf = context.getClass().getDeclaredMethod("getCommandQueue", long.class);
    queueOf.setAccessible(true);
    Object queue = queueOf.invoke(context, plan);
    Method launch = queue.getClass().getDeclaredMethod("cuGraphLaunch", long.class, long.class);
    launch.setAccessible(true);
    List<Long> handles = new ArrayList<>();
    for (TornadoTaskGraphInterface graph : graphs) {
      Object[] interpreters =
          (Object[]) Insides.field(Insides.field(graph, "vm"), "tornadoVMInterpreters");
      @SuppressWarnings("unchecked")
      Map<Integer, Long> of =
          (Map<Integer, Long>) Insides.field(interpreters[0], "executionGraphHandles");
      if (interpreters.length != 1 || of.size() != 1) {
        throw new NoSuchFieldException("one CUDA graph of a task graph");
      }
      handles.addAll(of.values());
    }
    return new Captured(launch, (long) Insides.call(queue, "getCommandQueuePtr"), handles);
  }

  /**
   * Starts a graph, after those started before.
   *
   * @param graph its place in the plan
   */
  public void start(int graph) {
    if (captured.isEmpty()) {
      graphs.get(graph).execute(frame);
      return;
    }
    Captured cuda = captured.get();
    try {
      Object error = cuda.launch.invoke(null, cuda.handles.get(graph), cuda.queue);
      if ((long) error != 0) {
        throw new IllegalStateException("the CUDA graph does not start, error " + error);
      }
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for all that was started. */
  public void await() {
    graphs.getFirst().waitOn();
  }
}
