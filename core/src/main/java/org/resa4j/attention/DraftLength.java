package org.resa4j.attention;

/**
 * How long the windows of exact mode are: each is drafted with sparse steps and verified by one
 * dense encode.
 *
 * @param tokens f, tokens that a verification encodes, and the most that it yields; where the
 *     length is automatic, the first window's
 * @param automatic whether later windows follow what drafts and verifications turn out to cost
 */
public record DraftLength(int tokens, boolean automatic) {
  public static final int MIN = 2;
  public static final int MAX = 64;

  /** The length that yields most tokens in a second, beginning with 16. */
  public static final DraftLength AUTO = new DraftLength(16, true);

  private static final String AUTO_TEXT = "auto";

  /**
   * @throws IllegalArgumentException for a length outside 2 to 64
   */
  public DraftLength {
    if (tokens < MIN || tokens > MAX) {
      throw new IllegalArgumentException(
          "a draft's window is %d to %d tokens long, was %d".formatted(MIN, MAX, tokens));
    }
  }

  /** Windows of one length. */
  public static DraftLength of(int tokens) {
    return new DraftLength(tokens, false);
  }

  /**
   * A length as users write it, see {@link #toString}.
   *
   * @param text tokens, or {@code auto}
   * @throws IllegalArgumentException for anything else
   */
  public static DraftLength parse(String text) {
    if (text.equals(AUTO_TEXT)) {
      return AUTO;
    }
    int tokens;
    try {
      tokens = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a draft's window is %d to %d tokens long, or auto; was %s".formatted(MIN, MAX, text), e);
    }
    return of(tokens);
  }

  /** {@code auto}, or the number of tokens. */
  @Override
  public String toString() {
    return automatic ? AUTO_TEXT : Integer.toString(tokens);
  }
}
