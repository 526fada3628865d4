package org.resa4j.tornado;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.DeviceException;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.RunAhead;
import org.resa4j.tornado.graph.SharedIds;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.graph.WorkSizes;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Task graphs that share arrays on one device. Shared arrays are put there by a first graph, load;
 * layers' own by the first graph that uses them. They come back to the host only when {@link
 * #fetch} asks.
 *
 * <p>TornadoVM hands device buffers only from the graph that ran last to the one that runs next,
 * and has to be told which. So {@link #start} runs each graph once right after one that has its
 * buffers, with nothing to do, which also compiles its kernels. From then on a graph has its
 * buffers, and says of every graph that may run before it that it consumes a token array alone.
 */
final class DeviceProgram implements AutoCloseable {
  private static final String LOAD = "load";
  private static final Pattern TASK_TIME =
      Pattern.compile("\"\\w+\\.(\\w+)\"\\s*:\\s*\\{[^}]*?\"TASK_KERNEL_TIME\"\\s*:\\s*\"(\\d+)\"");

  private final OpenedDevice device;
  private final boolean profile;
  private final String loadName;
  private final List<TornadoNativeArray> shared = new ArrayList<>();
  private final Map<Pass, List<Graph>> graphs = new EnumMap<>(Pass.class);
  private final Map<TornadoNativeArray, Graph> owners = new IdentityHashMap<>();
  private final RegisteredGrids grids = new RegisteredGrids();
  private final IntArray token = new IntArray(1);
  private Graph load;
  private TornadoExecutionPlan plan;
  private TornadoExecutionResult last;
  private Graph lastGraph;
  private int count;

  /** Once all graphs have run, if it can be. */
  private Optional<RunAhead> ahead = Optional.empty();

  private BiConsumer<Stage.Share, Long> timeSink = (share, nanoseconds) -> {};

  DeviceProgram(OpenedDevice device, boolean profile) {
    this.device = device;
    this.profile = profile;
    loadName = device.graphName(LOAD);
  }

  /**
   * Whether tasks of a graph can share ids, and so their code. Not where times are taken: TornadoVM
   * has one of each id.
   */
  boolean sharesIds() {
    return SharedIds.POSSIBLE && !profile;
  }

  /** Declares arrays that any graph may use, with the contents that they have at the start. */
  void share(List<? extends TornadoNativeArray> arrays) {
    shared.addAll(arrays);
  }

  /**
   * Receives the device time of each task in nanoseconds, and where it counts, for each run, if
   * profiling.
   */
  void onTaskTime(BiConsumer<Stage.Share, Long> sink) {
    timeSink = sink;
  }

  /**
   * Begins a graph. Graphs of one name have equal tasks but for arrays: they share compiled
   * kernels. {@link #run} runs those of a pass one after the other.
   *
   * @param used the shared arrays that its tasks work on
   * @param own arrays of some layers; the first graph that names one of them names all that a later
   *     one does
   * @param sent arrays sent before each run
   */
  Graph graph(
      Pass pass,
      List<? extends TornadoNativeArray> used,
      List<? extends TornadoNativeArray> own,
      List<? extends TornadoNativeArray> sent) {
    Graph owner = own.isEmpty() ? null : owners.get(own.getFirst());
    Graph graph = new Graph(pass.graph(), Optional.of(pass), owner, used, own, sent);
    if (owner == null) {
      own.forEach(array -> owners.put(array, graph));
    }
    graphs.computeIfAbsent(pass, none -> new ArrayList<>()).add(graph);
    return graph;
  }

  /** One graph under construction. */
  final class Graph {
    private final String name;

    /** None has the graph that puts the shared arrays on the device. */
    private final Optional<Pass> pass;

    private final TaskGraph graph;
    private final KernelGraph tasks;
    private final Graph owner;
    private final List<TornadoNativeArray> arrays = new ArrayList<>();
    private int index;

    /** Characters of its log that have been read. */
    private int logRead;

    private Graph(
        String name,
        Optional<Pass> pass,
        Graph owner,
        List<? extends TornadoNativeArray> used,
        List<? extends TornadoNativeArray> own,
        List<? extends TornadoNativeArray> sent) {
      this.pass = pass;
      this.owner = owner;
      graph = device.graph(name);
      tasks = new KernelGraph(graph, grids);
      this.name = graph.getTaskGraphName();
      arrays.addAll(own);
      arrays.addAll(used);
      if (!used.isEmpty()) {
        graph.consumeFromDevice(loadName, used.toArray());
      }
      if (owner != null) {
        graph.consumeFromDevice(owner.name, arrays.toArray());
      } else if (!own.isEmpty()) {
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, own.toArray());
      }
      if (!sent.isEmpty()) {
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, sent.toArray());
      }
    }

    /** For adding tasks. */
    KernelGraph tasks() {
      return tasks;
    }

    /**
     * Ends the graph.
     *
     * @param returned arrays copied to the host after each run
     */
    void end(TornadoNativeArray... returned) {
      tasks.end();
      if (returned.length > 0) {
        graph.transferToHost(DataTransferMode.EVERY_EXECUTION, (Object[]) returned);
      }
      if (!arrays.isEmpty()) {
        graph.persistOnDevice(arrays.toArray());
      }
    }
  }

  /**
   * The grids of all tasks. Each time that a graph is chosen, TornadoVM compares all of their names
   * with its tasks and does nothing with the answer; each time that it runs, it asks for the grid
   * of each task by a new name, and all have one.
   */
  private static final class RegisteredGrids extends GridScheduler {
    private boolean registered;

    @Override
    public Set<String> keySet() {
      return registered ? Set.of() : super.keySet();
    }

    @Override
    public boolean contains(String graph, String task) {
      return registered || super.contains(graph, task);
    }
  }

  /**
   * Puts the arrays on the device, compiles every kernel and runs each once: what is sent must say
   * that there is nothing to do.
   *
   * @throws DeviceException if a kernel does not compile or memory is lacking
   */
  void start(OpenProgress progress) {
    List<ImmutableTaskGraph> frozen = new ArrayList<>();
    load = new Graph(LOAD, Optional.empty(), null, List.of(), List.of(), List.of());
    frozen.add(LoadTasks.complete(load.graph, load.tasks, shared, token, device.device().fp16()));
    List<Graph> all = graphs.values().stream().flatMap(List::stream).toList();
    List<String> names = all.stream().map(graph -> graph.name).distinct().toList();
    for (Graph graph : all) {
      graph.graph.consumeFromDevice(loadName, token);
      names.forEach(other -> graph.graph.consumeFromDevice(other, token));
      graph.graph.persistOnDevice(token);
      graph.index = frozen.size();
      frozen.add(graph.graph.snapshot());
    }
    count = frozen.size();
    plan = new TornadoExecutionPlan(frozen.toArray(ImmutableTaskGraph[]::new));
    DeviceUse.open(device);
    try {
      begin(all, progress);
      runAhead(all, frozen);
    } catch (RuntimeException | Error e) {
      DeviceUse.close(device, () -> {});
      throw e;
    }
  }

  private void begin(List<Graph> all, OpenProgress progress) {
    guarded(
        LOAD,
        () -> {
          plan.withDevice(device.target());
          plan.withGridScheduler(grids);
          grids.registered = true;
          if (profile) {
            plan.withProfiler(ProfilerMode.SILENT);
          } else if (device.device().backend().equals("cuda")) {
            // One launch for a graph's tasks and copies. It has no times of its tasks.
            plan.withCUDAGraph();
          } else if (device.device().backend().equals("opencl")) {
            WorkSizes.keep(device.target(), plan.getId());
          }
        });
    // TornadoVM's compiler speaks on standard output, which is for programs.
    PrintStream out = System.out;
    System.setOut(new PrintStream(new CompilerMessages(System.err), true, StandardCharsets.UTF_8));
    try {
      int done = 0;
      for (Graph graph : all) {
        progress.at("compiling", done++, all.size());
        execute(load);
        if (graph.owner != null) {
          execute(graph.owner);
        }
        execute(graph);
      }
      progress.at("compiling", done, all.size());
    } finally {
      System.setOut(out);
    }
  }

  /**
   * From now on graphs run without the plan, which waits for each and has each take over buffers
   * from the one before. One that runs last by the plan, and has no buffers that another takes
   * over, makes an end of that.
   */
  private void runAhead(List<Graph> all, List<ImmutableTaskGraph> frozen) {
    if (profile) {
      return;
    }
    Set<String> owning =
        owners.values().stream().map(owner -> owner.name).collect(Collectors.toSet());
    execute(all.stream().filter(graph -> !owning.contains(graph.name)).findFirst().orElse(load));
    ahead = RunAhead.of(plan, device.target(), device.device().backend(), frozen);
  }

  /** Runs the graphs of a pass, one after the other, and waits for them. */
  void run(Pass pass) {
    start(pass);
    await();
  }

  /** Runs the n-th graph of a pass alone, and waits for it. */
  void run(Pass pass, int n) {
    start(graphs.get(pass).get(n));
    await();
  }

  /**
   * Starts the graphs of a pass, one after the other. What they are sent may not be changed before
   * a later pass has {@link #run}.
   */
  void start(Pass pass) {
    graphs.get(pass).forEach(this::start);
  }

  private void await() {
    ahead.ifPresent(runs -> guarded(lastGraph.name, runs::await));
  }

  private void start(Graph graph) {
    if (ahead.isPresent()) {
      guarded(graph.name, () -> ahead.get().start(graph.index));
      lastGraph = graph;
      return;
    }
    if (graph.owner != null
        && lastGraph != graph.owner
        && lastGraph.name.equals(graph.owner.name)) {
      // Another layer's graph of that name has not the buffers that this one would take over.
      execute(load);
    }
    String log = execute(graph);
    if (!log.isEmpty()) {
      Map<String, Stage> stages = graph.tasks.stages();
      Matcher times = TASK_TIME.matcher(log);
      while (times.find()) {
        Stage stage = stages.get(times.group(1));
        if (stage != null) {
          timeSink.accept(graph.pass.orElseThrow().share(stage), Long.parseLong(times.group(2)));
        }
      }
    }
  }

  /** Copies an array that the graph run last uses to the host. */
  void fetch(TornadoNativeArray array) {
    guarded(
        "copy",
        () -> {
          plan.withGraph(lastGraph.index);
          last.transferToHost(array);
        });
  }

  /**
   * Copies {@code size} elements from {@code offset} of an array that a pass's only graph uses to
   * the host, whatever ran since.
   */
  void fetch(Pass pass, TornadoNativeArray array, long offset, long size) {
    guarded(
        "copy",
        () -> {
          plan.withGraph(graphs.get(pass).getFirst().index);
          last.transferToHost(new DataRange(array).withOffset(offset).withSize(size));
        });
  }

  /** Runs a graph; returns TornadoVM's profile of the run, empty where none is taken. */
  private String execute(Graph graph) {
    guarded(graph.name, () -> last = plan.withGraph(graph.index).execute());
    lastGraph = graph;
    if (!profile || graph.pass.isEmpty()) {
      return "";
    }
    // The log of a graph holds all of its runs, and is copied whole.
    String log = last.getProfilerResult().getProfileLog();
    String run = log.substring(graph.logRead);
    graph.logRead = log.length();
    return run;
  }

  private void guarded(String what, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      throw new DeviceException(
          "%s (%s), %s: %s"
              .formatted(device.device().id(), device.device().name(), what, e.getMessage()),
          e);
    }
  }

  /**
   * Frees every graph's buffers; drivers wait for what uses them. TornadoVM refuses to go on with a
   * graph at the first buffer that another has freed already; so each graph names its own arrays
   * before the shared ones, and the refusals are expected.
   */
  @Override
  public void close() {
    if (plan != null) {
      DeviceUse.close(device, this::free);
    }
  }

  private void free() {
    for (int graph = 0; graph < count; graph++) {
      try {
        plan.withGraph(graph).freeDeviceMemory();
      } catch (TornadoInternalError freed) {
        continue;
      }
    }
  }
}
