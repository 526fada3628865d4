package org.resa4j;

import java.util.List;
import org.resa4j.tokenizer.Message;

/** What a text is to be written after. */
public sealed interface Prompt {

  /**
   * A text, given to the model as it is; special tokens written out in it are recognised, and what
   * the tokenizer puts before a text is put before it.
   */
  record Text(String text) implements Prompt {}

  /**
   * Tokens, given to the model as they are.
   *
   * @param ids at least one
   */
  record Tokens(int[] ids) implements Prompt {
    public Tokens {
      ids = ids.clone();
    }

    @Override
    public int[] ids() {
      return ids.clone();
    }
  }

  /** A conversation that the model's chat template writes out, with the beginning of an answer. */
  record Chat(List<Message> messages) implements Prompt {
    public Chat {
      messages = List.copyOf(messages);
      if (messages.isEmpty()) {
        throw new IllegalArgumentException("a conversation needs a message");
      }
    }
  }

  static Prompt text(String text) {
    return new Text(text);
  }

  static Prompt tokens(int[] ids) {
    return new Tokens(ids);
  }

  static Prompt chat(List<Message> messages) {
    return new Chat(messages);
  }
}
