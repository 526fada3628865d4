package org.resa4j.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds a conversation. */
@Command(
    name = "chat",
    description = {
      "Talk with a model that has a chat template; /help lists what can be typed.",
      "Where standard input is no terminal, each of its lines is a message."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {
  @Mixin private ModelFlags model;
  @Mixin private AttentionFlags attention;
  @Mixin private SamplingFlags sampling;
  @Mixin private TemplateFlags template;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-sp", "--system-prompt"},
      paramLabel = "TEXT",
      description = "System prompt.")
  private String systemPrompt;

  @Override
  public Integer call() {
    return new Chat(model, attention, sampling, template, spec)
        .hold(systemPrompt, Optional.empty());
  }
}
