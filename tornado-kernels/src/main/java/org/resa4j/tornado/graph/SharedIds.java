package org.resa4j.tornado.graph;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import uk.ac.manchester.tornado.api.TaskGraph;

/**
 * Lets tasks share an id, and so their compiled code, within a graph and among graphs of one name.
 *
 * <p>TornadoVM keeps the first task of an id in a graph and runs its code with the arguments of
 * each; but it counts them all, and then looks for as many as it has counted: its count is set
 * right. And it compiles the last task of every graph anew, which is meant for FPGAs: its list gets
 * one more that is not run.
 *
 * <p>Of TornadoVM 5.2.0's insides; the only place that knows them. Without the JVM flags {@link
 * #FLAGS} it cannot be done.
 */
public final class SharedIds {
  /** What the JVM must be told. */
  public static final String FLAGS =
      "--add-opens=tornado.api/uk.ac.manchester.tornado.api=ALL-UNNAMED"
          + " --add-opens=tornado.runtime/uk.ac.manchester.tornado.runtime.tasks=ALL-UNNAMED"
          + " --add-opens=tornado.runtime/uk.ac.manchester.tornado.runtime.graph=ALL-UNNAMED";

  private static final String RUNTIME = "uk.ac.manchester.tornado.runtime.";
  private static final Optional<Fields> FIELDS = find();

  public static final boolean POSSIBLE = FIELDS.isPresent();

  /** On the way from a task graph to its tasks and their count. */
  private record Fields(Field graph, Field context, Field tasks, Field count) {}

  private SharedIds() {}

  private static Optional<Fields> find() {
    try {
      Class<?> context = Class.forName(RUNTIME + "graph.TornadoExecutionContext");
      Fields fields =
          new Fields(
              TaskGraph.class.getDeclaredField("taskGraphImpl"),
              Class.forName(RUNTIME + "tasks.TornadoTaskGraph")
                  .getDeclaredField("executionContext"),
              context.getDeclaredField("tasks"),
              context.getDeclaredField("nextTask"));
      fields.graph.setAccessible(true);
      fields.context.setAccessible(true);
      fields.tasks.setAccessible(true);
      fields.count.setAccessible(true);
      return Optional.of(fields);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Readies a graph that has all of its tasks.
   *
   * @param ids how many ids its tasks have
   * @throws IllegalStateException if TornadoVM has kept another number of them
   */
  static void settle(TaskGraph graph, int ids) {
    Fields fields = FIELDS.orElseThrow();
    try {
      Object context = fields.context.get(fields.graph.get(graph));
      @SuppressWarnings("unchecked")
      List<Object> tasks = (List<Object>) fields.tasks.get(context);
      if (tasks.size() != ids) {
        throw new IllegalStateException(
            "TornadoVM has %d tasks of %d ids".formatted(tasks.size(), ids));
      }
      fields.count.setInt(context, ids);
      tasks.add(tasks.getFirst());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
