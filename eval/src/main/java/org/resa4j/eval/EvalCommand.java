package org.resa4j.eval;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.resa4j.cli.ModelFlags;
import org.resa4j.cli.UsageException;
import org.resa4j.eval.drift.EvalDriftCommand;
import org.resa4j.eval.drift.EvalForcedCommand;
import org.resa4j.eval.task.Tasks;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs task files under several settings side by side. */
@Command(
    name = "resa eval",
    description = {
      "How right a model's texts are, dense, sparse and with ReSA, on files of tasks.",
      "Started again after an interruption, it goes on where it was."
    },
    subcommands = {
      EvalForcedCommand.class,
      EvalDriftCommand.class,
      EvalReportCommand.class,
      CommandLine.HelpCommand.class
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  private static final int QUICK_LIMIT = 8;

  /** Beside the model that ships. */
  private static final List<String> SHIPPED_TASKS =
      List.of("journal", "ledger", "worksheet", "retrieval");

  private static final List<String> QUICK_TASKS = List.of("short");

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description =
          "Tasks, JSON one to a line (.jsonl, .jsonl.gz): prompt or question, answer or target,"
              + " checker, max_tokens, metadata. None: those of the model that ships.")
  private List<Path> files = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "eval-results",
      description =
          "Where results go: results.jsonl as they come, at the end tables and charts"
              + " (${DEFAULT-VALUE}).")
  private Path folder;

  @Option(names = "--restart", description = "Drop the results that are there.")
  private boolean restart;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Take so many tasks of each kind in each file, evenly spread.")
  private Integer limit;

  @Option(
      names = "--quick",
      description =
          "The same as --limit "
              + QUICK_LIMIT
              + "; of the model that ships, where no file is named, short journals only: minutes.")
  private boolean quick;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description =
          "Compare with an earlier run's results.json; figures that differ by more than chance are"
              + " listed, and the command fails.")
  private Path reference;

  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      description =
          "Write the texts on a Spark cluster, such as spark://host:7077; the model has to be at"
              + " the same path on every machine. Needs SPARK_HOME.")
  private String master;

  @Mixin private EvalFlags flags;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    // Not for picocli to require: it would ask subcommands for them too.
    if (files.isEmpty() && !flags.model().isShipped()) {
      throw new ParameterException(spec.commandLine(), "Name files of tasks for the model");
    }
    if (limit != null && limit < 1) {
      throw new UsageException("--limit must be at least 1, was " + limit);
    }
    List<Path> taskFiles = files.isEmpty() ? shippedTasks() : files;
    Tasks tasks = tasks(taskFiles);
    List<Setting> settings = flags.settings();
    Optional<Summary> expected = Optional.ofNullable(reference).map(Summary::read);
    Venue venue =
        master == null
            ? new OwnProcess(flags, tasks)
            : new ClusterVenue(
                master,
                spec.commandLine().getParseResult().originalArgs(),
                flags.model().path().toAbsolutePath(),
                taskFiles,
                tasks);
    Summary summary = run(venue, tasks, settings);
    EvalReport.save(summary, folder).forEach(file -> System.err.println("wrote " + file));
    System.out.print(EvalReport.markdown(summary));
    int differs =
        expected.map(earlier -> new Reference(earlier).compare(summary, System.out)).orElse(0);
    return Math.max(differs, ExactReport.faults(summary, System.err));
  }

  private List<Path> shippedTasks() {
    Path folder = ModelFlags.shipped().resolve("tasks");
    return (quick ? QUICK_TASKS : SHIPPED_TASKS)
        .stream().map(name -> folder.resolve(name + ".jsonl.gz")).toList();
  }

  private OptionalInt count() {
    return limit != null
        ? OptionalInt.of(limit)
        : quick ? OptionalInt.of(QUICK_LIMIT) : OptionalInt.empty();
  }

  EvalFlags flags() {
    return flags;
  }

  /** The tasks that the flags take of files. */
  Tasks tasks(List<Path> of) {
    return Tasks.read(of, count());
  }

  private Summary run(Venue venue, Tasks tasks, List<Setting> settings) {
    Map<Integer, List<Setting>> byBlockSize =
        settings.stream()
            .collect(
                Collectors.groupingBy(
                    setting -> setting.config().blockSize(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    ResultFile results = null;
    try (venue) {
      // Blocks of another size need another cache, and so another engine.
      for (Map.Entry<Integer, List<Setting>> group : byBlockSize.entrySet()) {
        try (Venue.Writer writer = venue.open(group.getKey())) {
          if (results == null) {
            results = ResultFile.open(folder, new Identity(writer.facts(), settings), restart);
          }
          evaluate(writer, tasks, group, results);
        }
      }
      return Summary.of(List.of(results.content()));
    } finally {
      if (results != null) {
        results.close();
      }
    }
  }

  private void evaluate(
      Venue.Writer writer,
      Tasks tasks,
      Map.Entry<Integer, List<Setting>> group,
      ResultFile results) {
    List<Setting> ofRun = results.identity().settings();
    int all = tasks.tasks().size() * ofRun.size() * Math.max(1, flags.seeds().size());
    List<Outcome> there = results.outcomes();
    Map<String, String> facts = writer.facts();
    System.err.printf(
        "eval: %s on %s (%s), blocks of %d, %s at once; %d of %d texts are there%n",
        facts.get("model"),
        facts.get("device"),
        facts.get("device_name"),
        group.getKey(),
        facts.get("batch"),
        there.size(),
        all);
    try (Progress progress = Progress.of(all, there.size())) {
      writer.write(
          group.getValue(),
          there,
          ofRun.stream().anyMatch(Setting::isExact),
          new Evaluation.Listener() {
            @Override
            public void onOutcome(Outcome outcome) {
              results.add(outcome);
              progress.step(outcome);
            }

            @Override
            public void onTiming(Timing timing) {
              results.add(timing);
            }
          });
    }
  }
}
