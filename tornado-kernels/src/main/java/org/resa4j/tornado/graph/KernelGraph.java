package org.resa4j.tornado.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
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

  /** Of {@link #ROOM}; one for all variants. */
  private final int[] taken;

  public KernelGraph(TaskGraph graph, GridScheduler grids) {
    this(graph, grids, "", new HashMap<>(), new KernelContext(), new int[1]);
  }

  private KernelGraph(
      TaskGraph graph,
      GridScheduler grids,
      String suffix,
      Map<String, Stage> stages,
      KernelContext context,
      int[] taken) {
    this.graph = graph;
    this.grids = grids;
    this.suffix = suffix;
    this.stages = stages;
    this.context = context;
    this.taken = taken;
  }

  /**
   * The same graph, for tasks that have other scalars in other graphs of its name, or that it has
   * several times.
   *
   * @param variant ends the tasks' ids
   */
  public KernelGraph variant(String variant) {
    return new KernelGraph(graph, grids, suffix + variant, stages, context, taken);
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
    taken[0] += TASK + ARGUMENT * (task.getTaskParameters().length - 1);
    graph.addTask(task);
    grids.addWorkerGrid(graph.getTaskGraphName() + "." + task.getId(), grid);
  }

  /** How many layers a graph has room for, if it has tasks of so many now. */
  public int fitting(int layers) {
    return ROOM * layers / taken[0];
  }

  /** The stages of the tasks that were added, by id. */
  public Map<String, Stage> stages() {
    return Collections.unmodifiableMap(stages);
  }
}
