package org.resa4j.tornado.attention;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TaskPackage;

/**
 * A task graph under construction and the grids of its tasks.
 *
 * <p>TornadoVM finds compiled code by the names of plan, graph, task and method. The graphs of a
 * model's layers have one name and their tasks the same ids, so that each kernel is compiled once;
 * what differs between layers can then only be the arrays, not scalar arguments or grids.
 */
public final class KernelGraph {
  private final TaskGraph graph;
  private final GridScheduler grids;
  private final String suffix;

  /**
   * @param suffix of the ids of the tasks added through this object; tells the layers of one graph
   *     apart
   */
  public KernelGraph(TaskGraph graph, GridScheduler grids, String suffix) {
    this.graph = graph;
    this.grids = grids;
    this.suffix = suffix;
  }

  /** The id for a task of a stage: {@code estimate}, {@code attend}, {@code attendCombine} ... */
  public String id(String task) {
    return task + suffix;
  }

  /**
   * Adds a task.
   *
   * @param task a package whose id is from {@link #id}
   * @param grid global and local work sizes
   */
  public void add(TaskPackage task, WorkerGrid grid) {
    graph.addTask(task);
    grids.addWorkerGrid(graph.getTaskGraphName() + "." + task.getId(), grid);
  }
}
