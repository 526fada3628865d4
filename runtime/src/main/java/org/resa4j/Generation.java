package org.resa4j;

import java.util.List;
import org.resa4j.generate.FinishReason;

/**
 * A written text.
 *
 * @param text the text, without stop strings and special tokens; of a cancelled one, what was
 *     certain
 * @param tokens its tokens in order, an end-of-text token included; their texts make up the text
 * @param finish why it ended
 * @param usage what it cost
 */
public record Generation(
    String text, List<GeneratedToken> tokens, FinishReason finish, Usage usage) {
  public Generation {
    tokens = List.copyOf(tokens);
  }

  /** The ids of the tokens written. */
  public int[] tokenIds() {
    return tokens.stream().mapToInt(GeneratedToken::id).toArray();
  }
}
