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

  private String next(boolean last) {
    String before = tokenizer.decode(tokens, windowStart, emitted, special);
    String now = tokenizer.decode(tokens, windowStart, length, special);
    boolean open = !now.isEmpty() && now.charAt(now.length() - 1) == REPLACEMENT;
    if (now.length() <= before.length() || (open && !last)) {
      return "";
    }
    windowStart = emitted;
    emitted = length;
    return now.substring(before.length());
  }
}
