package org.resa4j.eval;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.resa4j.Checkpoint;
import org.resa4j.GenerationOptions;
import org.resa4j.ModelDefaults;
import org.resa4j.Resa;
import org.resa4j.cli.ModelFlags;
import org.resa4j.cli.SamplingFlags;
import org.resa4j.cli.UsageException;
import org.resa4j.engine.EngineInfo;
import org.resa4j.error.InputException;
import org.resa4j.eval.drift.EvalDriftCommand;
import org.resa4j.eval.drift.EvalForcedCommand;
import org.resa4j.eval.task.Digests;
import org.resa4j.eval.task.Task;
import org.resa4j.eval.task.Tasks;
import org.resa4j.tokenizer.Message;
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
  private static final int DEFAULT_TOKENS = 2048;
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
      names = {"-b", "--batch"},
      paramLabel = "N",
      defaultValue = "16",
      description = "Texts written at once (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--raw",
      description = "Give the model the prompts as they are, without its chat template.")
  private boolean raw;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      split = ",",
      description =
          "Write each task's text with each of these seeds, where --temperature is above 0"
              + " (--seed's alone).")
  private List<Long> seeds = List.of();

  @Mixin private SettingFlags settingFlags;
  @Mixin private ModelFlags model;
  @Mixin private SamplingFlags sampling;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    // Not for picocli to require: it would ask subcommands for them too.
    if (files.isEmpty() && !model.isShipped()) {
      throw new ParameterException(spec.commandLine(), "Name files of tasks for the model");
    }
    if (limit != null && limit < 1) {
      throw new UsageException("--limit must be at least 1, was " + limit);
    }
    OptionalInt count =
        limit != null
            ? OptionalInt.of(limit)
            : quick ? OptionalInt.of(QUICK_LIMIT) : OptionalInt.empty();
    Tasks tasks = Tasks.read(files.isEmpty() ? shippedTasks() : files, count);
    List<Setting> settings = settingFlags.settings(ModelDefaults.read(model.path()).attention());
    Optional<Summary> expected = Optional.ofNullable(reference).map(Summary::read);
    Summary summary = run(tasks, settings);
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

  private Summary run(Tasks tasks, List<Setting> settings) {
    Map<Integer, List<Setting>> byBlockSize =
        settings.stream()
            .collect(
                Collectors.groupingBy(
                    setting -> setting.config().blockSize(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    String digest = Digests.ofModel(model.path());
    ResultFile results = null;
    try {
      // Blocks of another size need another cache, and so another engine.
      for (Map.Entry<Integer, List<Setting>> group : byBlockSize.entrySet()) {
        try (Checkpoint checkpoint = model.load()) {
          List<Evaluation.Prepared> prepared = prepare(checkpoint, tasks.tasks());
          try (Resa resa = open(checkpoint, prepared, group.getKey())) {
            if (results == null) {
              checkSeeds(resa);
              Identity identity = new Identity(facts(resa, tasks, digest), settings);
              results = ResultFile.open(folder, identity, restart);
            }
            evaluate(resa, prepared, group.getValue(), results);
          }
        }
      }
      return Summary.of(List.of(results.content()));
    } finally {
      if (results != null) {
        results.close();
      }
    }
  }

  private List<Evaluation.Prepared> prepare(Checkpoint checkpoint, List<Task> tasks) {
    return tasks.stream()
        .map(
            task ->
                new Evaluation.Prepared(
                    task,
                    encode(checkpoint, task.prompt()),
                    // Of a task's own length and the flag's, the shorter.
                    task.maxTokens().isPresent()
                        ? Math.min(
                            task.maxTokens().getAsInt(), sampling.maxTokens(Integer.MAX_VALUE))
                        : sampling.maxTokens(DEFAULT_TOKENS)))
        .toList();
  }

  private int[] encode(Checkpoint checkpoint, String prompt) {
    if (raw || checkpoint.chatTemplate().isEmpty()) {
      return checkpoint.tokenizer().encode(prompt, true);
    }
    // The template writes out the special tokens itself.
    List<Message> messages = List.of(Message.user(prompt));
    return checkpoint
        .tokenizer()
        .encode(checkpoint.chatTemplate().get().render(messages, true), false);
  }

  private Resa open(Checkpoint checkpoint, List<Evaluation.Prepared> tasks, int blockSize) {
    int most = checkpoint.model().config().maxContext();
    long wanted =
        tasks.stream()
            .mapToLong(task -> (long) task.prompt().length + task.maxTokens())
            .max()
            .orElseThrow();
    Resa resa =
        model
            .builder(checkpoint, Optional.of((int) Math.min(most, wanted)))
            .sequences(batch)
            .blockSize(blockSize)
            .build();
    int context = resa.info().engine().options().contextLength();
    for (Evaluation.Prepared task : tasks) {
      if (task.prompt().length >= context) {
        resa.close();
        throw new InputException(
            "the prompt of task '%s' has %d tokens, the context holds %d: raise -c/--ctx-size, or leave the task out"
                .formatted(task.task().id(), task.prompt().length, context));
      }
    }
    return resa;
  }

  /** What another run must have in common with this one for their results to stand in one file. */
  private Map<String, String> facts(Resa resa, Tasks tasks, String digest) {
    EngineInfo info = resa.info().engine();
    GenerationOptions options = options(resa);
    Map<String, String> facts = new HashMap<>();
    facts.put("model", resa.info().modelName());
    facts.put("model_sha256", digest);
    facts.put("tasks", Integer.toString(tasks.tasks().size()));
    facts.put("tasks_sha256", tasks.digest());
    facts.put("engine", info.device().engine());
    facts.put("device", info.device().id());
    facts.put("device_name", info.device().name());
    facts.put("kv_type", info.kvType().name().toLowerCase(Locale.ROOT));
    facts.put("context", Integer.toString(info.options().contextLength()));
    facts.put("batch", Integer.toString(batch));
    // A limit that the flag gives cuts tasks' own, its default does not.
    facts.put(
        "max_tokens",
        (sampling.maxTokens(Integer.MAX_VALUE) == Integer.MAX_VALUE
                ? "a task's, else "
                : "at most ")
            + options.maxTokens());
    facts.put("sampling", options.sampling().isGreedy() ? "greedy" : options.sampling().toString());
    if (!seeds.isEmpty()) {
      facts.put("seeds", seeds.toString());
    }
    facts.put(
        "stop", options.stopStrings() + (options.stopAtEndOfText() ? " and end of text" : ""));
    facts.put("chat_template", Boolean.toString(!raw && resa.chatTemplate().isPresent()));
    String version = EvalCommand.class.getPackage().getImplementationVersion();
    facts.put("version", version == null ? "(unpackaged)" : version);
    return facts;
  }

  private void checkSeeds(Resa resa) {
    if (!seeds.isEmpty() && options(resa).sampling().isGreedy()) {
      throw new InputException(
          "--seeds are of random choices, and there are none: set --temperature above 0");
    }
    if (seeds.stream().distinct().count() < seeds.size()) {
      throw new InputException("--seeds names one twice: " + seeds);
    }
  }

  private GenerationOptions options(Resa resa) {
    GenerationOptions own = resa.defaults();
    return sampling.options(
        own.sampling(),
        resa.tokenizer(),
        resa.info().model().vocabulary(),
        sampling.maxTokens(DEFAULT_TOKENS),
        own.attention());
  }

  private void evaluate(
      Resa resa, List<Evaluation.Prepared> tasks, List<Setting> settings, ResultFile results) {
    List<Setting> ofRun = results.identity().settings();
    int all = tasks.size() * ofRun.size() * Math.max(1, seeds.size());
    List<Outcome> there = results.outcomes();
    EngineInfo info = resa.info().engine();
    System.err.printf(
        "eval: %s on %s (%s), blocks of %d, %d at once; %d of %d texts are there%n",
        resa.info().modelName(),
        info.device().id(),
        info.device().name(),
        info.options().blockSize(),
        batch,
        there.size(),
        all);
    try (Progress progress = Progress.of(all, there.size())) {
      new Evaluation(resa, options(resa), ofRun.stream().anyMatch(Setting::isExact))
          .run(
              tasks,
              settings,
              seeds,
              there,
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
