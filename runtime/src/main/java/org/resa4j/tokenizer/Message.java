package org.resa4j.tokenizer;

/**
 * One turn of a conversation.
 *
 * @param role what the template knows: system, user, assistant
 * @param content taken as it is, never as a template
 */
public record Message(String role, String content) {
  /**
   * @throws IllegalArgumentException for a blank role or no content
   */
  public Message {
    if (role == null || role.isBlank()) {
      throw new IllegalArgumentException("a message needs a role");
    }
    if (content == null) {
      throw new IllegalArgumentException("a message needs content");
    }
  }

  public static Message system(String content) {
    return new Message("system", content);
  }

  public static Message user(String content) {
    return new Message("user", content);
  }

  public static Message assistant(String content) {
    return new Message("assistant", content);
  }
}
