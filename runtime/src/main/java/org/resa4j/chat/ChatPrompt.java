package org.resa4j.chat;

import java.util.Objects;
import java.util.Optional;
import org.resa4j.answer.Answer;
import org.resa4j.answer.ToolForm;

/**
 * A conversation, written out.
 *
 * @param tokens at least one
 * @param thinks whether it has the model begin with reasoning
 * @param tools what the answer may or must call
 * @param form how; empty where there are no tools
 */
public record ChatPrompt(int[] tokens, boolean thinks, Tools tools, Optional<ToolForm> form) {
  public ChatPrompt {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("a prompt needs a token");
    }
    tokens = tokens.clone();
    Objects.requireNonNull(tools, "tools, or none");
    if (tools.isEmpty() == form.isPresent()) {
      throw new IllegalArgumentException("tools need a form to be called in, and only they do");
    }
  }

  @Override
  public int[] tokens() {
    return tokens.clone();
  }

  /** Its number of tokens. */
  public int length() {
    return tokens.length;
  }

  /** Takes an answer to it apart. */
  public ChatAnswer answer() {
    return new ChatAnswer(new Answer(thinks, form, tools.names()));
  }
}
