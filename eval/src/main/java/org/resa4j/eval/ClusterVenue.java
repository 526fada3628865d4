package org.resa4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
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
  private final EvalCluster.Connection connection;
  private final List<String> arguments;
  private final String model;
  private final List<String> files;
  private final Tasks tasks;

  /**
   * @param arguments those of {@code resa eval}
   * @param model where it is on every machine
   * @throws InputException if this is started without the cluster's libraries, or two files have
   *     one name
   */
  ClusterVenue(String master, List<String> arguments, Path model, List<Path> files, Tasks tasks) {
    this.arguments = arguments;
    this.model = model.toString();
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
                        "--spark needs Spark's libraries and this project's module for it: set"
                            + " SPARK_HOME to an installation, and start ./resa in a checkout"))
            .connect(master, files);
  }

  @Override
  public Writer open(int blockSize) {
    return new OnCluster(new EvalWork(arguments, model, files, blockSize));
  }

  @Override
  public void close() {
    connection.close();
  }

  /** What the others need of an outcome to do without it; texts are long. */
  private static String there(Outcome outcome) {
    Map<String, Object> json = outcome.toJson();
    json.put("text", "");
    return EvalWorker.line(json);
  }

  private final class OnCluster implements Writer {
    private final EvalWork work;
    private final Map<String, String> facts;

    OnCluster(EvalWork work) {
      this.work = work;
      AtomicReference<Map<String, String>> first = new AtomicReference<>();
      connection.run(
          work, List.of(new EvalPart(List.of(), List.of())), answer -> first.set(answer.facts()));
      facts = first.get();
    }

    @Override
    public Map<String, String> facts() {
      return facts;
    }

    @Override
    public void write(
        List<Setting> settings, List<Outcome> there, boolean timed, Evaluation.Listener listener) {
      // Settings, and whether to take the time, its processes have from the arguments.
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
                      Outcome::task, Collectors.mapping(ClusterVenue::there, Collectors.toList())));
      List<String> ids = tasks.tasks().stream().map(Task::id).toList();
      // What a process writes at once, or less where not all would have some.
      int size =
          Math.min(
              Integer.parseInt(facts.get("batch")),
              Math.ceilDiv(ids.size(), connection.processes()));
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
          new Identity(facts, List.of()).differences(new Identity(answer.facts(), List.of()));
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
