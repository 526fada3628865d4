package org.resa4j.tornado;

import org.resa4j.engine.StageTimes;

/**
 * Adds up the device times of tasks by stage: encode for every task of the graphs of that name,
 * else the stage that the task's name begins with.
 */
final class StageClock {
  private long estimate;
  private long select;
  private long attend;
  private long encode;
  private long rest;

  /**
   * @param graphAndTask {@code graph.task}
   */
  void add(String graphAndTask, long nanoseconds) {
    String task = graphAndTask.substring(graphAndTask.indexOf('.') + 1);
    if (graphAndTask.startsWith("encode")) {
      encode += nanoseconds;
    } else if (task.startsWith("estimate")) {
      estimate += nanoseconds;
    } else if (task.startsWith("select")) {
      select += nanoseconds;
    } else if (task.startsWith("attend")) {
      attend += nanoseconds;
    } else if (!graphAndTask.startsWith("load")) {
      rest += nanoseconds;
    }
  }

  StageTimes times() {
    return new StageTimes(estimate, select, attend, encode, rest);
  }
}
