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

  /** Where the tokens begin whose text may be part of a character that is not whole yet. */
  private int openFrom;

  /** How much text of the window was before them. */
  private int whole;

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
    if (!last && !special && now.equals(before) && tokenizer.isSpecial(tokens[length - 1])) {
      // Forgotten, so that a text that goes on after its end does not grow slower with each.
      length--;
      return "";
    }
    boolean open = isOpen(now) && length - openFrom < MOST_TOKENS_OF_A_CHARACTER;
    if (now.length() <= before.length() || (open && !last)) {
      return "";
    }
    windowStart = emitted;
    emitted = length;
    openFrom = length;
    whole = 0;
    return now.substring(before.length());
  }

  /** Whether a text ends within a character; keeps in mind since which token. */
  private boolean isOpen(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == REPLACEMENT) {
      end--;
    }
    if (end == text.length()) {
      openFrom = length;
      return false;
    }
    if (end > whole) {
      // The newest token is the first of another character, even if it ends one as well.
      openFrom = length - 1;
    }
    whole = end;
    return true;
  }
}
