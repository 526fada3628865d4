package org.resa4j.tokenizer;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A model's own chat template. */
public final class ChatTemplate {
  private ChatTemplate() {}

  /** One turn of a conversation. */
  public record Message(String role, String content) {}

  public static Optional<ChatTemplate> load(Path modelDirectory) {
    return Optional.empty();
  }

  public String render(List<Message> messages, boolean addGenerationPrompt) {
    throw new UnsupportedOperationException();
  }
}
