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
import org.resa4j.GeneratedToken;
import org.resa4j.GenerationHandle;
import org.resa4j.GenerationOptions;
import org.resa4j.GenerationRequest;
import org.resa4j.Prompt;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.Message;

/** Turns of a user and a model, one line each; an empty line or the end of input ends it. */
final class Conversation {
  private static final int DEFAULT_TOKENS = 1024;

  private final ModelFlags model;
  private final SamplingFlags sampling;
  private final AttentionFlags attention;
  private final List<Message> messages = new ArrayList<>();
  private final Terminal terminal = new Terminal();

  Conversation(
      ModelFlags model, SamplingFlags sampling, AttentionFlags attention, String systemPrompt) {
    this.model = model;
    this.sampling = sampling;
    this.attention = attention;
    if (systemPrompt != null) {
      messages.add(Message.system(systemPrompt));
    }
  }

  int hold() {
    try (Checkpoint checkpoint = Checkpoint.load(model.directory())) {
      ResaConfig config = attention.config(checkpoint.defaults().attention());
      GenerationOptions options =
          sampling.options(
              checkpoint.defaults().sampling(), sampling.maxTokens(DEFAULT_TOKENS), config);
      if (checkpoint.chatTemplate().isEmpty()) {
        throw new InputException(
            checkpoint.model().name() + " has no chat template; write with `resa run` instead");
      }
      try (Resa resa =
          model.builder(checkpoint, Optional.empty()).blockSize(config.blockSize()).build()) {
        return talk(resa, options);
      }
    }
  }

  private int talk(Resa resa, GenerationOptions options) {
    try {
      terminal.note(Report.startLine(resa, options.attention()));
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
        answer(resa, options, line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(Resa resa, GenerationOptions options, String line) {
    messages.add(Message.user(line));
    GenerationHandle handle = resa.submit(new GenerationRequest(Prompt.chat(messages), options));
    try (Interrupt interrupt = new Interrupt(handle::cancel)) {
      for (GeneratedToken token : handle) {
        if (!terminal.text(token.text())) {
          handle.cancel();
        }
      }
      terminal.line("");
      messages.add(Message.assistant(handle.join().text()));
    }
  }
}
