package org.resa4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.resa4j.Checkpoint;
import org.resa4j.Generation;
import org.resa4j.InputException;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.generate.Cancellation;
import org.resa4j.tokenizer.ChatTemplate;
import org.resa4j.tokenizer.ChatTemplate.Message;

/** Turns of a user and a model, one line each; an empty line or the end of input ends it. */
final class Conversation {
  private static final int DEFAULT_TOKENS = 1024;

  private final ModelFlags model;
  private final SamplingFlags sampling;
  private final ResaConfig config;
  private final List<Message> messages = new ArrayList<>();
  private final Terminal terminal = new Terminal();

  Conversation(ModelFlags model, SamplingFlags sampling, ResaConfig config, String systemPrompt) {
    this.model = model;
    this.sampling = sampling;
    this.config = config;
    if (systemPrompt != null) {
      messages.add(new Message("system", systemPrompt));
    }
  }

  int hold() {
    try (Resa resa =
        model.open(
            Checkpoint.load(model.directory()), Optional.empty(), config.blockSize(), false)) {
      ChatTemplate template =
          resa.chatTemplate()
              .orElseThrow(
                  () ->
                      new InputException(
                          resa.model().name()
                              + " has no chat template; write with `resa run` instead"));
      terminal.note(Report.startLine(resa, config));
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      while (true) {
        if (Terminal.isInteractive()) {
          terminal.prompt("> ");
        }
        String line = in.readLine();
        if (line == null || line.isBlank()) {
          return 0;
        }
        answer(resa, template, line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(Resa resa, ChatTemplate template, String line) {
    messages.add(new Message("user", line));
    Cancellation cancellation = new Cancellation();
    try (Interrupt interrupt = new Interrupt(cancellation)) {
      int[] prompt = resa.tokenizer().encode(template.render(messages, true), false);
      Generation generation =
          resa.generate(
                  List.of(prompt),
                  sampling.options(sampling.maxTokens(DEFAULT_TOKENS), config),
                  List.of(part -> terminal.text(part, cancellation)),
                  cancellation)
              .getFirst();
      terminal.line("");
      messages.add(new Message("assistant", generation.text()));
    }
  }
}
