package org.resa4j.tornado.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.common.TaskPackage;

/**
 * A task graph under construction, the grids and the stages of its tasks.
 *
 * <p>TornadoVM finds compiled code by the names of plan, graph, task and method. The graphs of a
 * model's layers have one name and their tasks the same ids, whether the layers share a graph or
 * not, so that each kernel is compiled once; what differs between tasks of one id can then only be
 * the arrays, not scalar arguments or grids.
 */
public final class KernelGraph {
  /** The room that TornadoVM has for a graph's tasks, in bytes; what a task takes; an argument. */
  private static final int ROOM = 8192;

  private static final int TASK = 15;
  private static final int ARGUMENT = 5;

  private final TaskGraph graph;
  private final GridScheduler grids;
  private final String suffix;
  private final Map<String, Stage> stages;
  private final KernelContext context;
  private final Counts counts;

  /** Of a graph, one for all of its variants. */
  private static final class Counts {
    /** Of {@link #ROOM}. */
    int taken;

    int tasks;
    int calls;
  }

  public KernelGraph(TaskGraph graph, GridScheduler grids) {
    this(graph, grids, "", new HashMap<>(), new KernelContext(), new Counts());
  }

  private KernelGraph(
      TaskGraph graph,
      GridScheduler grids,
      String suffix,
      Map<String, Stage> stages,
      KernelContext context,
      Counts counts) {
    this.graph = graph;
    this.grids = grids;
    this.suffix = suffix;
    this.stages = stages;
    this.context = context;
    this.counts = counts;
  }

  /**
   * The same graph, for tasks that have other scalars in other graphs of its name, or that it has
   * several times.
   *
   * @param variant ends the tasks' ids
   */
  public KernelGraph variant(String variant) {
    return new KernelGraph(graph, grids, suffix + variant, stages, context, counts);
  }

  /** For kernels that ask for their work-item. */
  public KernelContext context() {
    return context;
  }

  /** The id for the only or the main task of a stage. */
  public String id(Stage stage) {
    return id(stage, "");
  }

  /** The id for a further task of a stage. */
  public String id(Stage stage, String part) {
    String id = stage.id() + part + suffix;
    stages.put(id, stage);
    return id;
  }

  /**
   * Adds a task.
   *
   * @param task a package whose id is from {@link #id}
   * @param grid global and local work sizes
   */
  public void add(TaskPackage task, WorkerGrid grid) {
    if (!stages.containsKey(task.getId())) {
      throw new IllegalArgumentException("of no stage: task " + task.getId());
    }
    graph.addTask(task);
    count(task.getTaskParameters().length - 1);
    grids.addWorkerGrid(graph.getTaskGraphName() + "." + task.getId(), grid);
  }

  /**
   * Adds a stage's call of a library. It has an id of its own, as it is not compiled and TornadoVM
   * wants it so.
   */
  public void addLibrary(Stage stage, LibraryTaskDescriptor call) {
    graph.libraryTask(id(stage, "_" + counts.calls++), same -> same, call);
    count(call.getParameters().length);
  }

  private void count(int arguments) {
    counts.taken += TASK + ARGUMENT * arguments;
    counts.tasks++;
  }

  /** How many layers a graph has room for, if it has tasks of so many now. */
  public int fitting(int layers) {
    return ROOM * layers / counts.taken;
  }

  /** Ends the graph: no tasks are added any more. */
  public void end() {
    if (SharedIds.POSSIBLE) {
      SharedIds.settle(graph, stages.size());
    } else if (counts.tasks > stages.size()) {
      throw new IllegalStateException("tasks that share ids");
    }
  }

  /** The stages of the tasks that were added, by id. */
  public Map<String, Stage> stages() {
    return Collections.unmodifiableMap(stages);
  }
}
