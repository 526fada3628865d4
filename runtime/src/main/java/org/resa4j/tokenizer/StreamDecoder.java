package org.resa4j.tokenizer;

import java.util.Arrays;

/**
 * Turns tokens into text as they come. A character that is spread over tokens comes when its last
 * token does; what never becomes a character comes at the end, as the tokenizer shows it.
 *
 * <p>Decodes a short window, not the whole text: the tokens since the last clean cut, and as many
 * before it as make spaces come out right.
 */
public final class StreamDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  /** A character has at most four bytes, and so comes of at most four tokens. */
  private static final int MOST_TOKENS_OF_A_CHARACTER = 4;

  private final Tokenizer tokenizer;
  private final boolean special;
  private int[] tokens = new int[256];
  private int length;
  private int windowStart;
  private int emitted;

  /**
   * @param special whether special tokens are written out
   */
  public StreamDecoder(Tokenizer tokenizer, boolean special) {
    this.tokenizer = tokenizer;
    this.special = special;
  }

  /** Takes a token. Returns the text that it completes, often empty within a character. */
  public String add(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
    return next(false);
  }

  /** Ends the text. Returns what was held back. */
  public String finish() {
    return next(true);
  }

  /** Whether a token is one that is not written out, and so has no text whatever comes next. */
  private boolean isSpecial(int token) {
    int[] alone = {token};
    return !special
        && tokenizer.decode(alone, 0, 1, false).isEmpty()
        && !tokenizer.decode(alone, 0, 1, true).isEmpty();
  }

  private String next(boolean last) {
    String before = tokenizer.decode(tokens, windowStart, emitted, special);
    String now = tokenizer.decode(tokens, windowStart, length, special);
    if (!last && now.equals(before) && isSpecial(tokens[length - 1])) {
      // Forgotten, so that a text that goes on after its end does not grow slower with each.
      length--;
      return "";
    }
    boolean open =
        !now.isEmpty()
            && now.charAt(now.length() - 1) == REPLACEMENT
            && length - emitted < MOST_TOKENS_OF_A_CHARACTER;
    if (now.length() <= before.length() || (open && !last)) {
      return "";
    }
    windowStart = emitted;
    emitted = length;
    return now.substring(before.length());
  }
}
