package org.resa4j.bench.drift;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.resa4j.bench.DeviceOptions;
import org.resa4j.bench.DeviceOptions.Chosen;
import org.resa4j.engine.Engine;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.model.HuggingFace;
import org.resa4j.model.Model;
import org.resa4j.tokenizer.Tokenizer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which texts, on which model and device. */
final class TextOptions {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Task files, JSONL or JSONL.gz, each task with its right answer.")
  private List<Path> files;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR",
      description = "Hugging Face model directory (default: the model that ships).")
  private Path model;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Texts taken from each file, evenly spread (default: all).")
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
      description = "KV cache: f32 or f16 (default: what suits the device).")
  private KvType kvType;

  @Mixin private DeviceOptions devices;

  /** Measures texts with an engine that can hold {@code batch} of them. */
  interface Work {
    void run(Engine engine, Model model, List<ForcedText> texts);
  }

  Path model() {
    return model != null
        ? model
        : Path.of(System.getProperty("resa.home", "."), "models", "worksheet");
  }

  /**
   * Loads model and texts and opens the engine.
   *
   * @throws org.resa4j.InputException if a file cannot be used
   * @throws IllegalArgumentException for a limit or batch below 1, or several devices
   */
  void run(int blockSize, Work work) {
    if (batch < 1 || (limit != null && limit < 1)) {
      throw new IllegalArgumentException("--batch and --limit must be at least 1");
    }
    List<Chosen> chosen = devices.chosen();
    if (chosen.size() > 1) {
      throw new IllegalArgumentException("one device at a time; not with --all-devices");
    }
    Chosen on = chosen.getFirst();
    List<ForcedText> texts = texts();
    Model loaded = HuggingFace.load(model());
    int longest = texts.stream().mapToInt(ForcedText::end).max().orElseThrow();
    if (longest > loaded.config().maxContext()) {
      System.err.printf(
          "eval: texts of up to %d tokens, %s was trained for %d%n",
          longest, loaded.name(), loaded.config().maxContext());
    }
    EngineOptions options =
        new EngineOptions(
            Optional.of(on.device().id()),
            Optional.ofNullable(kvType),
            Math.min(batch, texts.size()),
            Math.max(longest, encodeTokens),
            blockSize,
            encodeTokens,
            0,
            false);
    System.err.printf(
        "eval: %d texts, %s on %s, %d at once%n",
        texts.size(), loaded.name(), on.device().id(), options.sequences());
    try (Engine engine = on.provider().open(loaded, options)) {
      work.run(engine, loaded, texts);
    }
  }

  /** All texts, those of a length beside each other, so that a batch ends together. */
  private List<ForcedText> texts() {
    List<ForcedText> texts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(model())) {
      for (Path file : files) {
        List<ForcedText> all = TextFile.read(file, tokenizer, scoreAll);
        int count = limit == null ? all.size() : Math.min(limit, all.size());
        for (int i = 0; i < count; i++) {
          texts.add(all.get((int) ((long) i * all.size() / count)));
        }
      }
    }
    texts.sort(Comparator.comparingInt(ForcedText::end));
    return texts;
  }
}
