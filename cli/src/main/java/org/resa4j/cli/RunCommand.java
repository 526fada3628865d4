package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engines;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.Message;
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
    if (interactive) {
      return new Conversation(model, sampling, attention, systemPrompt).hold();
    }
    String text = promptText();
    try (Checkpoint checkpoint = Checkpoint.load(model.directory())) {
      ResaConfig config = attention.config(checkpoint.defaults().attention());
      int tokens = sampling.maxTokens(DEFAULT_TOKENS);
      GenerationOptions options =
          sampling
              .options(checkpoint.defaults().sampling(), tokens, config)
              .withMeasureDrift(stats || json);
      int[] prompt = encode(checkpoint, text);
      long wanted = (long) prompt.length + tokens;
      int context = (int) Math.min(checkpoint.model().config().maxContext(), wanted);
      try (Resa resa =
          model
              .builder(checkpoint, Optional.of(context))
              .blockSize(config.blockSize())
              .profile(stats || json)
              .build()) {
        write(resa, new GenerationRequest(Prompt.tokens(prompt), options));
      }
    }
    return 0;
  }

  private void write(Resa resa, GenerationRequest request) {
    Terminal terminal = new Terminal();
    ResaConfig attention = request.options().attention();
    terminal.note(Report.startLine(resa, attention));
    if (Engines.all().size() == 1) {
      terminal.note(Report.NO_TORNADO);
    }
    GenerationHandle handle = resa.submit(request);
    try (Interrupt interrupt = new Interrupt(handle::cancel)) {
      for (GeneratedToken token : handle) {
        if (!json && !terminal.text(token.text())) {
          handle.cancel();
        }
      }
      Generation generation = handle.join();
      terminal.line(json ? Report.json(resa, attention, generation) : "");
      if (stats) {
        terminal.note(Report.stats(resa, generation));
        if (isExample()) {
          terminal.note("answer     " + check(generation));
        }
      }
    }
  }

  private String promptText() {
    if (prompt != null && file != null) {
      throw new UsageException("-p and -f are two prompts; give one");
    }
    if (prompt != null) {
      return prompt;
    }
    if (file != null) {
      return read(file);
    }
    if (isExample()) {
      return read(model.directory().resolve("example-prompt.txt")).strip();
    }
    throw new UsageException("no prompt: give one with -p TEXT or -f FILE");
  }

  private boolean isExample() {
    return prompt == null && file == null && model.isShipped();
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
      messages.add(Message.system(systemPrompt));
    }
    messages.add(Message.user(text));
    // The template writes out the special tokens itself.
    String rendered = checkpoint.chatTemplate().get().render(messages, true);
    return checkpoint.tokenizer().encode(rendered, false);
  }

  /** Compares with the example's right answer, word by word. */
  private String check(Generation generation) {
    String[] expected = read(model.directory().resolve("example-answer.txt")).strip().split("\\s+");
    String[] words = generation.text().strip().split("\\s+");
    int right = 0;
    int first = Arrays.mismatch(expected, words);
    for (int i = 0; i < Math.min(expected.length, words.length); i++) {
      right += words[i].equals(expected[i]) ? 1 : 0;
    }
    return first < 0
        ? "right, all %d words".formatted(expected.length)
        : "%d of %d words right, the first %d before any error"
            .formatted(right, expected.length, first);
  }
}
