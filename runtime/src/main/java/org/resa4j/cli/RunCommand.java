package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.resa4j.Checkpoint;
import org.resa4j.Generation;
import org.resa4j.GenerationOptions;
import org.resa4j.InputException;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engines;
import org.resa4j.generate.Cancellation;
import org.resa4j.generate.Metrics;
import org.resa4j.tokenizer.ChatTemplate.Message;
import org.resa4j.worksheet.Worksheet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The prompt (default, for the model that ships: an example).")
  private String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the prompt from a file.")
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
      description = "Chat instead, see `resa chat`.")
  private boolean interactive;

  @Option(names = "--stats", description = "Print what was measured, and check the example.")
  private boolean stats;

  @Option(names = "--json", description = "Print text and measurements as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    ResaConfig config = attention.config(model.directory());
    if (interactive) {
      return new Conversation(model, sampling, config, systemPrompt).hold();
    }
    String text = promptText();
    int tokens = sampling.maxTokens(DEFAULT_TOKENS);
    GenerationOptions options = sampling.options(tokens, config).withMeasureDrift(stats || json);
    Checkpoint checkpoint = Checkpoint.load(model.directory());
    int[] promptTokens = encode(checkpoint, text);
    long wanted = (long) promptTokens.length + tokens;
    int context = (int) Math.min(checkpoint.model().config().maxContext(), wanted);
    try (Resa resa =
        model.open(checkpoint, Optional.of(context), config.blockSize(), stats || json)) {
      write(resa, text, promptTokens, options);
    }
    return 0;
  }

  private void write(Resa resa, String text, int[] promptTokens, GenerationOptions options) {
    Terminal terminal = new Terminal();
    terminal.note(Report.startLine(resa, options.attention()));
    if (Engines.all().size() == 1) {
      terminal.note(Report.NO_TORNADO);
    }
    Cancellation cancellation = new Cancellation();
    Consumer<String> onText = json ? part -> {} : part -> terminal.text(part, cancellation);
    try (Interrupt interrupt = new Interrupt(cancellation)) {
      Generation generation =
          resa.generate(List.of(promptTokens), options, List.of(onText), cancellation).getFirst();
      Metrics metrics = resa.metrics().orElseThrow();
      terminal.line(json ? Report.json(resa, options.attention(), generation, metrics) : "");
      if (stats) {
        terminal.note(Report.stats(generation, metrics));
        if (model.isShipped()) {
          terminal.note("answer     " + check(text, generation));
        }
      }
    }
  }

  private String promptText() {
    if (prompt != null && file != null) {
      throw new IllegalArgumentException("-p and -f are two prompts; give one");
    }
    if (prompt != null) {
      return prompt;
    }
    if (file != null) {
      return read(file);
    }
    if (model.isShipped()) {
      return read(model.directory().resolve("example-prompt.txt")).strip();
    }
    throw new IllegalArgumentException("no prompt: give one with -p TEXT or -f FILE");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private int[] encode(Checkpoint checkpoint, String text) {
    if (raw || checkpoint.chatTemplate().isEmpty()) {
      if (systemPrompt != null) {
        throw new InputException(
            raw
                ? "--raw leaves no place for -sp/--system-prompt"
                : "the model has no chat template that could take -sp/--system-prompt");
      }
      return checkpoint.tokenizer().encode(text, true);
    }
    List<Message> messages = new ArrayList<>();
    if (systemPrompt != null) {
      messages.add(new Message("system", systemPrompt));
    }
    messages.add(new Message("user", text));
    // The template writes out the special tokens itself.
    String rendered = checkpoint.chatTemplate().get().render(messages, true);
    return checkpoint.tokenizer().encode(rendered, false);
  }

  private static String check(String text, Generation generation) {
    Worksheet.Score score;
    try {
      score = Worksheet.parse(text).score(generation.text());
    } catch (InputException e) {
      return "not checked: " + e.getMessage();
    }
    return score.isPerfect()
        ? "right, all %d words".formatted(score.words())
        : "%d of %d words right, the first %d before any error"
            .formatted(score.right(), score.words(), score.rightBeforeFirstError());
  }
}
