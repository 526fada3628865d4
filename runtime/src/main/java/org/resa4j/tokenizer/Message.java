package org.resa4j.tokenizer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One turn of a conversation.
 *
 * @param role what the template knows: system, user, assistant
 * @param content taken as it is, never as a template
 * @param fields what the template knows beside them, such as {@code tool_calls}: strings, numbers,
 *     booleans, and lists and maps of them
 */
public record Message(String role, String content, Map<String, Object> fields) {
  /** With nothing beside. */
  public Message(String role, String content) {
    this(role, content, Map.of());
  }

  /**
   * @throws IllegalArgumentException for a blank role, no content, or a field that is one of these
   *     two
   */
  public Message {
    if (role == null || role.isBlank()) {
      throw new IllegalArgumentException("a message needs a role");
    }
    if (content == null) {
      throw new IllegalArgumentException("a message needs content");
    }
    if (fields.containsKey("role") || fields.containsKey("content")) {
      throw new IllegalArgumentException("role and content of a message are no fields beside");
    }
    // In the order that a template prints them in; values may be null.
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
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
