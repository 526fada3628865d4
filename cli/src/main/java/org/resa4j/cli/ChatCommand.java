package org.resa4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds a conversation. */
@Command(
    name = "chat",
    description = "Talk with a model that has a chat template.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {
  @Mixin private ModelFlags model;
  @Mixin private AttentionFlags attention;
  @Mixin private SamplingFlags sampling;

  @Option(
      names = {"-sp", "--system-prompt"},
      paramLabel = "TEXT",
      description = "System prompt.")
  private String systemPrompt;

  @Override
  public Integer call() {
    return new Conversation(model, sampling, attention, systemPrompt).hold();
  }
}
