package org.resa4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Task;
import org.resa4j.eval.task.Tasks;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts are written by the processes of a cluster, a few tasks' at a time. */
final class ClusterVenue implements Venue {
  /** Parts for each process, so that none waits long for the last. */
  private static final int PARTS = 4;

  /** Fewer would leave a batch's places empty. */
  private static final int MOST_TASKS = 16;

  private final EvalCluster.Connection connection;
  private final List<String> arguments;
  private final List<String> files;
  private final Tasks tasks;

  /**
   * @param arguments those of {@code resa eval}
   * @throws InputException if this is started without the cluster's libraries, or two files have
   *     one name
   */
  ClusterVenue(String master, List<String> arguments, List<Path> files, Tasks tasks) {
    this.arguments = arguments;
    this.tasks = tasks;
    this.files = files.stream().map(file -> file.getFileName().toString()).toList();
    if (this.files.stream().distinct().count() < files.size()) {
      throw new InputException(
          "task files are told apart by their names on a cluster, and two have one: " + files);
    }
    connection =
        ServiceLoader.load(EvalCluster.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "--spark needs Spark's libraries: set SPARK_HOME to an installation, and"
                            + " start with ./resa"))
            .connect(master, files);
  }

  @Override
  public Writer open(int blockSize) {
    return new OnCluster(new EvalWork(arguments, files, blockSize));
  }

  @Override
  public void close() {
    connection.close();
  }

  private final class OnCluster implements Writer {
    private final EvalWork work;
    private final Map<String, String> facts;

    OnCluster(EvalWork work) {
      this.work = work;
      AtomicReference<Map<String, String>> first = new AtomicReference<>();
      connection.run(
          work, List.of(new EvalPart(List.of(), List.of())), answer -> first.set(facts(answer)));
      facts = first.get();
    }

    /** Without the numbers of devices: any of a kind writes the same. */
    private static Map<String, String> facts(EvalAnswer answer) {
      Map<String, String> facts = new HashMap<>(answer.facts());
      facts.computeIfPresent("device", (name, id) -> id.replaceFirst(":\\d+$", ""));
      return facts;
    }

    @Override
    public Map<String, String> facts() {
      return facts;
    }

    @Override
    public void write(
        List<Setting> settings, List<Outcome> there, boolean timed, Evaluation.Listener listener) {
      connection.run(work, parts(there), answer -> accept(answer, listener));
    }

    @Override
    public void close() {
      // Its processes keep what they have open for the next part.
    }

    private List<EvalPart> parts(List<Outcome> there) {
      Map<String, List<String>> lines =
          there.stream()
              .collect(
                  Collectors.groupingBy(
                      Outcome::task,
                      Collectors.mapping(
                          outcome -> EvalWorker.line(outcome.toJson()), Collectors.toList())));
      List<String> ids = tasks.tasks().stream().map(Task::id).toList();
      int size =
          Math.clamp(Math.ceilDiv(ids.size(), PARTS * connection.parallelism()), 1, MOST_TASKS);
      List<EvalPart> parts = new ArrayList<>();
      for (int from = 0; from < ids.size(); from += size) {
        List<String> some = ids.subList(from, Math.min(from + size, ids.size()));
        parts.add(
            new EvalPart(
                some,
                some.stream().flatMap(id -> lines.getOrDefault(id, List.of()).stream()).toList()));
      }
      return parts;
    }

    private void accept(EvalAnswer answer, Evaluation.Listener listener) {
      String differences =
          new Identity(facts, List.of()).differences(new Identity(facts(answer), List.of()));
      if (!differences.isEmpty()) {
        throw new InputException(
            "the cluster's processes write texts with different things, which one table must not"
                + " mix: "
                + differences);
      }
      for (String line : answer.lines()) {
        JsonNode json = JsonMapper.shared().readTree(line);
        if (Timing.is(json)) {
          listener.onTiming(Timing.read(json));
        } else {
          listener.onOutcome(Outcome.read(json));
        }
      }
    }
  }
}
