package org.resa4j.tokenizer.jinja;

/** String literals in a template's source. */
final class StringLiterals {
  private StringLiterals() {}

  static boolean isQuote(char c) {
    return c == '\'' || c == '"';
  }

  /**
   * Where the literal that begins at {@code from} has its closing quote.
   *
   * @throws org.resa4j.error.InputException if it has none
   */
  static int end(String source, int from) {
    for (int i = from + 1; i < source.length(); i++) {
      if (source.charAt(i) == '\\') {
        i++;
      } else if (source.charAt(i) == source.charAt(from)) {
        return i;
      }
    }
    throw Failures.syntax("a string is never closed");
  }
}
