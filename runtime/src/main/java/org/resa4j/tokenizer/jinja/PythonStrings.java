package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's methods of {@code str}, where Java's differ. */
final class PythonStrings {
  private PythonStrings() {}

  /** {@code str.isspace} of one character. */
  static boolean isSpace(char c) {
    // Java leaves out the no-break spaces and the next-line control.
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /**
   * {@code str.lstrip}.
   *
   * @param set the characters to strip; null for whitespace
   */
  static String lstrip(String text, String set) {
    int from = 0;
    while (from < text.length() && strips(text.charAt(from), set)) {
      from++;
    }
    return text.substring(from);
  }

  /** {@code str.rstrip}; the set as in {@link #lstrip}. */
  static String rstrip(String text, String set) {
    int to = text.length();
    while (to > 0 && strips(text.charAt(to - 1), set)) {
      to--;
    }
    return text.substring(0, to);
  }

  /** {@code str.strip}; the set as in {@link #lstrip}. */
  static String strip(String text, String set) {
    return rstrip(lstrip(text, set), set);
  }

  private static boolean strips(char c, String set) {
    return set == null ? isSpace(c) : set.indexOf(c) >= 0;
  }

  /**
   * {@code str.split}.
   *
   * @param separator null for runs of whitespace
   * @param limit the most splits; negative for no limit
   */
  static List<String> split(String text, String separator, int limit) {
    return separator == null ? splitSpace(text, limit) : splitAt(text, separator, limit);
  }

  private static List<String> splitAt(String text, String separator, int limit) {
    if (separator.isEmpty()) {
      throw new IllegalStateException("split: empty separator");
    }
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (limit < 0 || parts.size() < limit) {
      int at = text.indexOf(separator, from);
      if (at < 0) {
        break;
      }
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<String> splitSpace(String text, int limit) {
    List<String> parts = new ArrayList<>();
    String rest = lstrip(text, null);
    while (!rest.isEmpty() && (limit < 0 || parts.size() < limit)) {
      int to = 0;
      while (to < rest.length() && !isSpace(rest.charAt(to))) {
        to++;
      }
      parts.add(rest.substring(0, to));
      rest = lstrip(rest.substring(to), null);
    }
    if (!rest.isEmpty()) {
      parts.add(rest);
    }
    return parts;
  }

  /**
   * {@code str.replace}.
   *
   * @param limit the most replacements; negative for no limit
   */
  static String replace(String text, String old, String with, int limit) {
    if (limit < 0) {
      return text.replace(old, with);
    }
    if (old.isEmpty()) {
      throw new IllegalStateException("replace: empty text with a count");
    }
    return String.join(with, splitAt(text, old, limit));
  }
}
