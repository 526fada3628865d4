package org.resa4j.cli;

import java.util.Optional;
import org.resa4j.Checkpoint;
import org.resa4j.GenerationOptions;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Opens what a conversation needs: the model on its device, and a console.
 *
 * @param command whose flags these are
 */
record Chat(
    ModelFlags model,
    AttentionFlags attention,
    SamplingFlags sampling,
    TemplateFlags template,
    CommandSpec command) {
  private static final int DEFAULT_TOKENS = 1024;

  /**
   * Holds a conversation to its end.
   *
   * @param systemPrompt null for none
   * @param first what it begins with, as if it had been typed
   * @return the exit code
   * @throws InputException if the model has no chat template
   */
  int hold(String systemPrompt, Optional<String> first) {
    try (Checkpoint checkpoint = model.load()) {
      ResaConfig config = attention.config(checkpoint.defaults().attention());
      GenerationOptions options =
          template.in(
              sampling.options(
                  checkpoint.defaults().sampling(),
                  checkpoint.tokenizer(),
                  checkpoint.model().config().vocabulary(),
                  sampling.maxTokens(DEFAULT_TOKENS),
                  config));
      if (checkpoint.chatTemplate().isEmpty()) {
        throw new InputException(
            checkpoint.model().name() + " has no chat template; write with `resa run` instead");
      }
      try (Resa resa = model.builder(checkpoint, Optional.empty(), config).build();
          ChatConsole console = open()) {
        ResaConfig settled = attention.settled(resa, checkpoint.defaults(), config);
        StartLines.of(resa, settled, model).forEach(console::note);
        Conversation conversation =
            new Conversation(
                resa, options.withAttention(settled), Optional.ofNullable(systemPrompt));
        return new ChatSession(conversation, console, command).hold(first);
      }
    }
  }

  private static ChatConsole open() {
    return Tty.isInput() && Tty.isOutput()
        ? EditingConsole.system().map(ChatConsole.class::cast).orElseGet(PlainConsole::new)
        : new PlainConsole();
  }
}
