package org.resa4j.eval;

import java.util.List;
import org.resa4j.GenerationOptions;
import org.resa4j.ModelDefaults;
import org.resa4j.Resa;
import org.resa4j.cli.ModelFlags;
import org.resa4j.cli.SamplingFlags;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Task;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which texts are written, by which model and how: what every process of an evaluation needs. */
final class EvalFlags {
  private static final int DEFAULT_TOKENS = 2048;

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

  ModelFlags model() {
    return model;
  }

  int batch() {
    return batch;
  }

  boolean isRaw() {
    return raw;
  }

  List<Long> seeds() {
    return seeds;
  }

  /**
   * The settings, at least one.
   *
   * @throws InputException if the flags leave none
   */
  List<Setting> settings() {
    return settingFlags.settings(ModelDefaults.read(model.path()).attention());
  }

  /** The most tokens of a task's text: of its own limit and the flag's, the lower. */
  int maxTokens(Task task) {
    return task.maxTokens().isPresent()
        ? Math.min(task.maxTokens().getAsInt(), sampling.maxTokens(Integer.MAX_VALUE))
        : sampling.maxTokens(DEFAULT_TOKENS);
  }

  /** Whether the flag cuts tasks' own limits; its default does not. */
  boolean cutsTasks() {
    return sampling.maxTokens(Integer.MAX_VALUE) != Integer.MAX_VALUE;
  }

  /**
   * How texts are written, but for what is a task's or a setting's.
   *
   * @throws InputException if seeds are named that nothing hangs on, or one twice
   */
  GenerationOptions options(Resa resa) {
    GenerationOptions own = resa.defaults();
    GenerationOptions options =
        sampling.options(
            own.sampling(),
            resa.tokenizer(),
            resa.info().model().vocabulary(),
            sampling.maxTokens(DEFAULT_TOKENS),
            own.attention());
    if (!seeds.isEmpty() && options.sampling().isGreedy()) {
      throw new InputException(
          "--seeds are of random choices, and there are none: set --temperature above 0");
    }
    if (seeds.stream().distinct().count() < seeds.size()) {
      throw new InputException("--seeds names one twice: " + seeds);
    }
    return options;
  }
}
