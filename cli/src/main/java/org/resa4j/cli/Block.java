package org.resa4j.cli;

/** Messages of several lines: from three quotes to three quotes. */
final class Block {
  static final String QUOTES = "\"\"\"";

  private Block() {}

  /** Whether a message begins with the quotes, and those at its end are still to come. */
  static boolean isOpen(String message) {
    String text = message.strip();
    return text.startsWith(QUOTES) && !isClosed(text);
  }

  private static boolean isClosed(String text) {
    return text.length() >= 2 * QUOTES.length() && text.endsWith(QUOTES);
  }

  /** A message without such quotes around it, and without the line breaks beside them. */
  static String content(String message) {
    String text = message.strip();
    if (!text.startsWith(QUOTES)) {
      return message;
    }
    int end = isClosed(text) ? text.length() - QUOTES.length() : text.length();
    String inner = text.substring(QUOTES.length(), end);
    inner = inner.startsWith("\n") ? inner.substring(1) : inner;
    return inner.endsWith("\n") ? inner.substring(0, inner.length() - 1) : inner;
  }
}
