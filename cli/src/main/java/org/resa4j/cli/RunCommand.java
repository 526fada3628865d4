package org.resa4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.Checkpoint;
import org.resa4j.GeneratedToken;
import org.resa4j.Generation;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.ResaInfo;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.StageTimes;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.model.ModelConfig;
import org.resa4j.tokenizer.Message;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes one text. */
@Command(
    name = "run",
    description = "Write a text after a prompt.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final int DEFAULT_TOKENS = 2048;

  @Mixin private ModelFlags model;
  @Mixin private AttentionFlags attention;
  @Mixin private SamplingFlags sampling;
  @Mixin private TemplateFlags template;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The prompt (default, for the model that ships: an example).")
  private String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the prompt from a file in UTF-8; - is standard input.")
  private Path file;

  @Option(
      names = {"-sp", "--system-prompt"},
      paramLabel = "TEXT",
      description = "System prompt, for models with a chat template.")
  private String systemPrompt;

  @Option(
      names = "--raw",
      description = "Give the model the prompt as it is, without its chat template.")
  private boolean raw;

  @Option(
      names = {"-i", "--interactive"},
      description = "Chat instead, see `resa chat`; a prompt begins the conversation.")
  private boolean interactive;

  @Option(
      names = "--cache-file",
      paramLabel = "FILE",
      description =
          "Take over from FILE, if it is there, what it has of the prompt in the KV cache, and save"
              + " prompt and text there.")
  private Path cacheFile;

  @Option(names = "--stats", description = "Print what was measured, and the model's settings.")
  private boolean stats;

  @Option(names = "--json", description = "Print text and measurements as JSON.")
  private boolean json;

  @Option(
      names = "--log-probs",
      paramLabel = "K",
      description =
          "With --json: each token's log-probability, and those of the K likeliest; K may be 0.")
  private Integer logProbabilities;

  @Override
  public Integer call() {
    check();
    if (interactive) {
      Optional<String> first =
          prompt == null && file == null ? Optional.empty() : Optional.of(text());
      return new Chat(model, attention, sampling, template, spec).hold(systemPrompt, first);
    }
    String text = text();
    Optional<CachedText> cached = Optional.ofNullable(cacheFile).map(CachedText::of);
    // Until what was measured is printed: the process ends when this is closed.
    try (Interrupt interrupt = new Interrupt();
        Checkpoint checkpoint = model.load()) {
      ResaConfig config = attention.config(checkpoint.defaults().attention());
      GenerationOptions options = options(checkpoint, config);
      int[] tokens = encode(checkpoint, text, options);
      int context = context(checkpoint, tokens, options, cached);
      boolean timed = stats || json;
      boolean apart = timed && StageSample.isNeeded(model.choice());
      Written written;
      GenerationOptions settled;
      try (Resa resa =
          model
              .builder(checkpoint, Optional.of(context), config)
              .profile(timed && !apart)
              .build()) {
        settled = options.withAttention(attention.settled(resa, checkpoint.defaults(), config));
        GenerationRequest request = new GenerationRequest(Prompt.tokens(tokens), settled);
        written = write(resa, text, request, cached, interrupt);
      }
      Optional<StageSample> stages =
          apart
              ? StageSample.again(
                  model.builder(checkpoint, Optional.of(context), config),
                  tokens,
                  settled,
                  written.generation)
              : Optional.of(StageSample.ofWhole(written.stages));
      report(checkpoint, settled, written, stages);
      if (written.unsaved.isPresent()) {
        throw written.unsaved.get();
      }
    }
    return 0;
  }

  /**
   * What is left of a model that is closed: what it was, and what it wrote.
   *
   * @param unsaved why its cache could not be saved; told when all else has been
   */
  private record Written(
      ResaInfo info, Generation generation, StageTimes stages, Optional<InputException> unsaved) {}

  private void check() {
    if (prompt != null && file != null) {
      throw new UsageException("-p and -f are two prompts; give one");
    }
    if (interactive && (json || raw || logProbabilities != null || cacheFile != null)) {
      throw new UsageException(
          "-i/--interactive goes with none of --json, --raw, --log-probs and --cache-file");
    }
    if (logProbabilities != null && !json) {
      throw new UsageException("--log-probs needs --json, which prints them");
    }
    if (logProbabilities != null && logProbabilities < 0) {
      throw new UsageException("--log-probs must not be negative, was " + logProbabilities);
    }
  }

  private String text() {
    if (prompt != null) {
      return prompt;
    }
    if (file != null) {
      return PromptFile.read(file);
    }
    if (isExample()) {
      return Example.prompt(model.path());
    }
    throw new UsageException("no prompt: give one with -p TEXT or -f FILE");
  }

  private boolean isExample() {
    return prompt == null && file == null && model.isShipped();
  }

  private GenerationOptions options(Checkpoint checkpoint, ResaConfig config) {
    GenerationOptions options =
        template
            .in(
                sampling.options(
                    checkpoint.defaults().sampling(),
                    checkpoint.tokenizer(),
                    checkpoint.model().config().vocabulary(),
                    sampling.maxTokens(DEFAULT_TOKENS),
                    config))
            // Only a dense rectification tells of drift.
            .withMeasureDrift((stats || json) && config.rectifyKeep() == 1);
    return logProbabilities == null ? options : options.withLogProbabilities(logProbabilities);
  }

  private int[] encode(Checkpoint checkpoint, String text, GenerationOptions options) {
    if (raw || checkpoint.chatTemplate().isEmpty()) {
      if (systemPrompt != null || template.given()) {
        String flag =
            systemPrompt != null ? "-sp/--system-prompt" : "--no-thinking and --template-var";
        throw new InputException(
            raw
                ? "--raw leaves no place for " + flag
                : "the model has no chat template that could take " + flag);
      }
      return checkpoint.tokenizer().encode(text, true);
    }
    List<Message> messages = new ArrayList<>();
    if (systemPrompt != null) {
      messages.add(Message.system(systemPrompt));
    }
    messages.add(Message.user(text));
    // The template writes out the special tokens itself.
    String rendered =
        checkpoint.chatTemplate().get().render(messages, true, options.templateVariables());
    return checkpoint.tokenizer().encode(rendered, false);
  }

  /** Tokens that prompt and text take, and those that are cached, as far as the model goes. */
  private static int context(
      Checkpoint checkpoint, int[] prompt, GenerationOptions options, Optional<CachedText> cached) {
    ModelConfig config = checkpoint.model().config();
    int trained = config.maxContext();
    if (prompt.length > trained) {
      // Before -c is asked for one that no value of it could hold.
      throw new LimitException(
          "the prompt has %d tokens, %s was trained for %d"
              .formatted(prompt.length, checkpoint.model().name(), trained),
          prompt.length,
          trained,
          List.of());
    }
    int most = prompt.length <= config.unextendedContext() ? config.unextendedContext() : trained;
    long text = (long) prompt.length + options.maxTokens();
    return (int) Math.min(most, Math.max(text, cached.map(each -> each.tokens().length).orElse(0)));
  }

  private Written write(
      Resa resa,
      String text,
      GenerationRequest request,
      Optional<CachedText> cached,
      Interrupt interrupt) {
    Terminal terminal = Terminal.forTexts();
    ResaConfig config = request.options().attention();
    StartLines.of(resa, config, model).forEach(terminal::note);
    UnknownWords.warning(resa, text).ifPresent(terminal::note);
    if (isExample()) {
      terminal.note(Example.question(text));
    }
    cached.flatMap(file -> file.restore(resa)).ifPresent(terminal::note);
    GenerationHandle handle = resa.submit(request);
    interrupt.cancels(handle::cancel);
    for (GeneratedToken token : handle) {
      if (!json && !terminal.text(token.text())) {
        handle.cancel();
      }
    }
    Generation generation = handle.join();
    if (!json) {
      terminal.endText();
    }
    Optional<InputException> unsaved = Optional.empty();
    try {
      cached.map(file -> file.save(resa, request.prompt(), generation)).ifPresent(terminal::note);
    } catch (InputException e) {
      unsaved = Optional.of(e);
    }
    return new Written(resa.info(), generation, resa.stageTimes(), unsaved);
  }

  private void report(
      Checkpoint checkpoint,
      GenerationOptions options,
      Written written,
      Optional<StageSample> stages) {
    Terminal terminal = Terminal.forTexts();
    Generation generation = written.generation;
    if (json) {
      terminal.line(
          JsonReport.of(written.info, checkpoint.tokenizer(), options, generation, stages));
    }
    if (stats) {
      terminal.note(Report.stats(written.info, generation, stages));
      Report.settings(written.info, options).ifPresent(terminal::note);
    }
    if (isExample() && !generation.text().isBlank()) {
      terminal.note(Example.outcome(model.path(), options.attention(), generation));
    }
  }
}
