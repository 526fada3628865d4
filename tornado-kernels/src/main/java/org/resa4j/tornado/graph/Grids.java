package org.resa4j.tornado.graph;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/** Global and local work sizes of tasks. */
public final class Grids {
  /** Work-items of a work-group where each works alone. */
  private static final int ITEMS = 128;

  private Grids() {}

  /** Each item a work-group of its own, so that a CPU's threads share them out. */
  public static WorkerGrid coarse(int items) {
    return groups(items, 1);
  }

  /** Small items, grouped as the device's driver likes. */
  public static WorkerGrid fine(int items) {
    return new WorkerGrid1D(items);
  }

  /** Work-groups of so many items. */
  public static WorkerGrid groups(int groups, int items) {
    WorkerGrid grid = new WorkerGrid1D(Math.multiplyExact(groups, items));
    grid.setLocalWork(items, 1, 1);
    return grid;
  }

  /** One item for each, and as many more as fill the last work-group. */
  public static WorkerGrid items(int items) {
    return groups(Math.ceilDiv(items, ITEMS), ITEMS);
  }
}
