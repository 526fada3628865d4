package org.resa4j.tokenizer.jinja;

/** Finds a string within another, in time that is linear in both for any template. */
final class Search {
  /** Up to here the JDK's own search, whose time is their product, is as good. */
  private static final int SHORT = 32;

  private Search() {}

  static int first(String text, String part, int from, Budget budget) {
    if (part.length() <= SHORT) {
      return text.indexOf(part, from);
    }
    return find(text, part, from, false, budget);
  }

  /** The last that begins at or before an index. */
  static int last(String text, String part, int from, Budget budget) {
    if (part.length() <= SHORT) {
      return text.lastIndexOf(part, from);
    }
    int end = (int) Math.min(text.length(), (long) from + part.length());
    return find(text.substring(0, end), part, 0, true, budget);
  }

  /** Knuth, Morris and Pratt's; backwards, both strings are read from their ends. */
  private static int find(String text, String part, int from, boolean backwards, Budget budget) {
    int length = part.length();
    if (text.length() - from < length) {
      return -1;
    }
    budget.allocate(2L * length);
    int[] borders = new int[length];
    int matched = 0;
    for (int i = 1; i < length; i++) {
      matched = matched(part, borders, matched, at(part, i, backwards), backwards);
      borders[i] = matched;
    }
    matched = 0;
    for (int i = from; i < text.length(); i++) {
      matched = matched(part, borders, matched, at(text, i, backwards), backwards);
      if (matched == length) {
        return backwards ? text.length() - i - 1 : i - length + 1;
      }
    }
    return -1;
  }

  private static int matched(String part, int[] borders, int before, char c, boolean backwards) {
    int matched = before;
    while (matched > 0 && at(part, matched, backwards) != c) {
      matched = borders[matched - 1];
    }
    return at(part, matched, backwards) == c ? matched + 1 : matched;
  }

  private static char at(String text, int index, boolean backwards) {
    return text.charAt(backwards ? text.length() - 1 - index : index);
  }
}
