package org.resa4j.eval;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.resa4j.Checkpoint;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.engine.EngineInfo;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Task;
import org.resa4j.eval.task.Tasks;
import org.resa4j.tokenizer.Message;

/** A model on a device of this process, with room for the longest task's prompt and text. */
final class EvalEngine implements Venue.Writer {
  private final EvalFlags flags;
  private final Tasks tasks;
  private final String modelDigest;
  private final Checkpoint checkpoint;
  private final List<Evaluation.Prepared> prepared;
  private final Resa resa;
  private final GenerationOptions options;

  private EvalEngine(
      EvalFlags flags,
      Tasks tasks,
      String modelDigest,
      Checkpoint checkpoint,
      List<Evaluation.Prepared> prepared,
      Resa resa,
      GenerationOptions options) {
    this.flags = flags;
    this.tasks = tasks;
    this.modelDigest = modelDigest;
    this.checkpoint = checkpoint;
    this.prepared = prepared;
    this.resa = resa;
    this.options = options;
  }

  /**
   * @param modelDigest {@link org.resa4j.eval.task.Digests#ofModel}
   * @throws InputException if the model cannot be used, or a prompt is longer than the context
   * @throws org.resa4j.error.DeviceException if the device cannot
   */
  static EvalEngine open(EvalFlags flags, Tasks tasks, String modelDigest, int blockSize) {
    Checkpoint checkpoint = flags.model().load();
    Resa resa = null;
    try {
      List<Evaluation.Prepared> prepared =
          tasks.tasks().stream().map(task -> prepare(flags, checkpoint, task)).toList();
      resa = open(flags, checkpoint, prepared, blockSize);
      check(prepared, resa.info().engine().options().contextLength());
      return new EvalEngine(
          flags, tasks, modelDigest, checkpoint, prepared, resa, flags.options(resa));
    } catch (RuntimeException | Error e) {
      close(resa, checkpoint);
      throw e;
    }
  }

  private static Evaluation.Prepared prepare(EvalFlags flags, Checkpoint checkpoint, Task task) {
    return new Evaluation.Prepared(
        task, encode(flags, checkpoint, task.prompt()), flags.maxTokens(task));
  }

  private static int[] encode(EvalFlags flags, Checkpoint checkpoint, String prompt) {
    if (flags.isRaw() || checkpoint.chatTemplate().isEmpty()) {
      return checkpoint.tokenizer().encode(prompt, true);
    }
    // The template writes out the special tokens itself.
    List<Message> messages = List.of(Message.user(prompt));
    return checkpoint
        .tokenizer()
        .encode(checkpoint.chatTemplate().get().render(messages, true), false);
  }

  private static Resa open(
      EvalFlags flags, Checkpoint checkpoint, List<Evaluation.Prepared> tasks, int blockSize) {
    int most = checkpoint.model().config().maxContext();
    long wanted =
        tasks.stream()
            .mapToLong(task -> (long) task.prompt().length + task.maxTokens())
            .max()
            .orElseThrow();
    return flags
        .model()
        .builder(checkpoint, Optional.of((int) Math.min(most, wanted)))
        .sequences(flags.batch())
        .blockSize(blockSize)
        .build();
  }

  private static void check(List<Evaluation.Prepared> tasks, int context) {
    for (Evaluation.Prepared task : tasks) {
      if (task.prompt().length >= context) {
        throw new InputException(
            "the prompt of task '%s' has %d tokens, the context holds %d: raise -c/--ctx-size, or leave the task out"
                .formatted(task.task().id(), task.prompt().length, context));
      }
    }
  }

  @Override
  public Map<String, String> facts() {
    EngineInfo info = resa.info().engine();
    Map<String, String> facts = new HashMap<>();
    facts.put("model", resa.info().modelName());
    facts.put("model_sha256", modelDigest);
    facts.put("tasks", Integer.toString(tasks.tasks().size()));
    facts.put("tasks_sha256", tasks.digest());
    facts.put("engine", info.device().engine());
    facts.put("device", info.device().id());
    facts.put("device_name", info.device().name());
    facts.put("kv_type", info.kvType().name().toLowerCase(Locale.ROOT));
    facts.put("context", Integer.toString(info.options().contextLength()));
    facts.put("batch", Integer.toString(flags.batch()));
    facts.put(
        "max_tokens", (flags.cutsTasks() ? "at most " : "a task's, else ") + options.maxTokens());
    facts.put("sampling", options.sampling().isGreedy() ? "greedy" : options.sampling().toString());
    if (!flags.seeds().isEmpty()) {
      facts.put("seeds", flags.seeds().toString());
    }
    facts.put(
        "stop", options.stopStrings() + (options.stopAtEndOfText() ? " and end of text" : ""));
    facts.put("chat_template", Boolean.toString(!flags.isRaw() && resa.chatTemplate().isPresent()));
    String version = EvalCommand.class.getPackage().getImplementationVersion();
    facts.put("version", version == null ? "(unpackaged)" : version);
    return facts;
  }

  @Override
  public void write(
      List<Setting> settings, List<Outcome> there, boolean timed, Evaluation.Listener listener) {
    write(prepared, settings, there, timed, listener);
  }

  /** The same of some tasks, by their ids. */
  void write(
      Set<String> some,
      List<Setting> settings,
      List<Outcome> there,
      boolean timed,
      Evaluation.Listener listener) {
    write(
        prepared.stream().filter(task -> some.contains(task.task().id())).toList(),
        settings,
        there,
        timed,
        listener);
  }

  private void write(
      List<Evaluation.Prepared> some,
      List<Setting> settings,
      List<Outcome> there,
      boolean timed,
      Evaluation.Listener listener) {
    new Evaluation(resa, options, timed).run(some, settings, flags.seeds(), there, listener);
  }

  @Override
  public void close() {
    close(resa, checkpoint);
  }

  private static void close(Resa resa, Checkpoint checkpoint) {
    try (checkpoint) {
      if (resa != null) {
        resa.close();
      }
    }
  }
}
