package org.resa4j.eval.drift;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.resa4j.cli.DeviceOptions;
import org.resa4j.cli.ModelFlags;
import org.resa4j.cli.UsageException;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines.Choice;
import org.resa4j.engine.KvType;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Task;
import org.resa4j.eval.task.Tasks;
import org.resa4j.format.ModelFiles;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.Tokenizer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which texts, on which model and device. */
final class TextOptions {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Tasks, as `resa eval` takes them, each with its right answer.")
  private List<Path> files = List.of();

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description = "Hugging Face model directory (default: the model that ships).")
  private Path model;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Texts taken of each kind in each file, evenly spread (default: all).")
  private Integer limit;

  @Option(
      names = "--score-all",
      description = "Score all tokens of an answer, even where its task lists those that count.")
  private boolean scoreAll;

  @Option(
      names = {"-b", "--batch"},
      paramLabel = "N",
      defaultValue = "8",
      description = "Texts at once (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "-ub",
      paramLabel = "TOKENS",
      defaultValue = "128",
      description = "Tokens encoded at once (${DEFAULT-VALUE}).")
  private int encodeTokens;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description = "KV cache: f32, f16 or q8 (default: what suits the device).")
  private KvType kvType;

  @Mixin private DeviceOptions devices;

  /** Opens what measures a batch of texts. */
  interface Work {
    Consumer<List<ForcedText>> open(Engine engine, Model model);
  }

  Path model() {
    return model != null ? model : ModelFlags.shipped();
  }

  /**
   * Loads model and texts, opens the engine, and measures batch by batch.
   *
   * @throws org.resa4j.error.InputException if a file cannot be used
   * @throws UsageException for no file, a limit or batch below 1, or several devices
   */
  void run(int blockSize, Work work) {
    if (files.isEmpty()) {
      throw new UsageException("no task file; only --redraw needs none");
    }
    if (batch < 1 || (limit != null && limit < 1)) {
      throw new UsageException("--batch and --limit must be at least 1");
    }
    List<Choice> chosen = devices.chosen();
    if (chosen.size() > 1) {
      throw new UsageException("one device at a time; not with --all-devices");
    }
    Choice on = chosen.getFirst();
    List<ForcedText> texts = texts();
    Model loaded = ModelFiles.load(model());
    int longest = texts.stream().mapToInt(ForcedText::end).max().orElseThrow();
    if (longest > loaded.config().maxContext()) {
      System.err.printf(
          "eval: texts of up to %d tokens, %s was trained for %d%n",
          longest, loaded.name(), loaded.config().maxContext());
    }
    EngineOptions options =
        EngineOptions.of(Math.max(longest, encodeTokens))
            .withDevice(on.device().id())
            .withSequences(Math.min(batch, texts.size()))
            .withBlockSize(blockSize)
            .withEncodeTokens(encodeTokens);
    if (kvType != null) {
      options = options.withKvType(kvType);
    }
    System.err.printf(
        "eval: %d texts, %s on %s, %d at once%n",
        texts.size(), loaded.name(), on.device().id(), options.sequences());
    try (Engine engine = on.provider().open(loaded, options)) {
      Consumer<List<ForcedText>> batches = work.open(engine, loaded);
      for (int from = 0; from < texts.size(); from += options.sequences()) {
        int to = Math.min(texts.size(), from + options.sequences());
        batches.accept(texts.subList(from, to));
        System.err.printf("eval: %d of %d texts%n", to, texts.size());
      }
    }
  }

  /** All texts, those of a length beside each other, so that a batch ends together. */
  private List<ForcedText> texts() {
    OptionalInt most = limit == null ? OptionalInt.empty() : OptionalInt.of(limit);
    ForcedTexts texts = new ForcedTexts(Tokenizer.load(model()), scoreAll);
    List<Task> tasks = Tasks.read(files, most).tasks();
    List<ForcedText> found =
        tasks.stream()
            .flatMap(task -> texts.of(task).stream())
            .sorted(Comparator.comparingInt(ForcedText::end))
            .toList();
    if (found.size() < tasks.size()) {
      String left =
          "%d of %d answers have no token to score after their first"
              .formatted(tasks.size() - found.size(), tasks.size());
      if (found.isEmpty()) {
        throw new InputException(left);
      }
      System.err.println("eval: left out: " + left);
    }
    return found;
  }
}
