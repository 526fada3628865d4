package org.resa4j.tokenizer.pipeline;

/**
 * A text that may be looked at only so often. A regular expression that backtracks without end
 * looks at characters again and again, and ends here.
 */
final class BoundedText implements CharSequence {
  /** Published patterns look at a character four to six times, and 16 times at the worst text. */
  private static final int LOOKS_PER_CHARACTER = 64;

  private static final int LOOKS = 2_000;

  private char[] text = {};
  private int from;
  private int length;
  private long left;

  /** Signals that a text was looked at too often. */
  static final class TooMuchWork extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TooMuchWork() {
      super(null, null, false, false);
    }
  }

  /** Takes another text. */
  void set(char[] newText, int newFrom, int to) {
    text = newText;
    from = newFrom;
    length = to - newFrom;
    left = LOOKS + (long) LOOKS_PER_CHARACTER * length;
  }

  boolean isWithinPair(int index) {
    return index > 0
        && index < length
        && Character.isLowSurrogate(text[from + index])
        && Character.isHighSurrogate(text[from + index - 1]);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public char charAt(int index) {
    if (--left < 0) {
      throw new TooMuchWork();
    }
    return text[from + index];
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new String(text, from + start, end - start);
  }

  @Override
  public String toString() {
    return new String(text, from, length);
  }
}
