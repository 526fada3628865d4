package org.resa4j.tokenizer.jinja;

/**
 * What a {@code for} goes over: {@code items} or {@code items if condition}. The condition belongs
 * to the loop, so Jinjava's expression parser must not take it for a conditional expression.
 *
 * @param items an expression
 * @param condition an expression, empty for none
 */
record LoopSource(String items, String condition) {
  static LoopSource of(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (StringLiterals.isQuote(c)) {
        i = StringLiterals.end(text, i);
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0) {
        depth--;
      } else if (depth == 0 && Character.isWhitespace(c) && isIf(text, i + 1)) {
        return new LoopSource(text.substring(0, i), text.substring(i + 3));
      }
    }
    return new LoopSource(text, "");
  }

  private static boolean isIf(String text, int at) {
    return text.startsWith("if", at)
        && at + 2 < text.length()
        && !Character.isJavaIdentifierPart(text.charAt(at + 2));
  }
}
