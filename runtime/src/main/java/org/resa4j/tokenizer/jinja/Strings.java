package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** What Python's strings can do, apart from how they are called. */
final class Strings {
  private final Budget budget;

  Strings(Budget budget) {
    this.budget = budget;
  }

  /** A string that is no longer than another one, or little. */
  private String charged(String made) {
    budget.text(made.length());
    return made;
  }

  String upper(String text) {
    return charged(text.toUpperCase(Locale.ROOT));
  }

  String lower(String text) {
    return charged(text.toLowerCase(Locale.ROOT));
  }

  /** Character by character, so that a final sigma folds like any other. */
  String casefold(String text) {
    TextBuilder out = new TextBuilder(budget);
    String upper = upper(text);
    upper.codePoints().forEach(c -> out.codePoint(Character.toLowerCase(c)));
    return out.toString();
  }

  String swapcase(String text) {
    TextBuilder out = new TextBuilder(budget);
    text.codePoints()
        .forEach(
            c -> {
              String one = Character.toString(c);
              out.append(
                  Character.isUpperCase(c)
                      ? one.toLowerCase(Locale.ROOT)
                      : one.toUpperCase(Locale.ROOT));
            });
    return out.toString();
  }

  String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return charged(
        titlecase(first) + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT));
  }

  private static String titlecase(int c) {
    int title = Character.toTitleCase(c);
    String upper = Character.toString(c).toUpperCase(Locale.ROOT);
    if (title != c || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(title);
    }
    int end = upper.offsetByCodePoints(0, 1);
    return upper.substring(0, end) + upper.substring(end).toLowerCase(Locale.ROOT);
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** A word begins wherever a letter follows what is none. */
  String title(String text) {
    TextBuilder out = new TextBuilder(budget);
    boolean within = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      out.append(within ? Character.toString(c).toLowerCase(Locale.ROOT) : titlecase(c));
      within = isCased(c);
    }
    return out.toString();
  }

  /**
   * Without characters at the ends.
   *
   * @param characters to take off; null for white space
   */
  String strip(String text, String characters, boolean left, boolean right) {
    IntPredicate strips = Characters::isSpace;
    if (characters != null) {
      BitSet set = new BitSet();
      characters.codePoints().forEach(set::set);
      strips = set::get;
    }
    int start = 0;
    int end = text.length();
    while (left && start < end && strips.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && strips.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return charged(text.substring(start, end));
  }

  private void add(List<Object> parts, String part) {
    budget.item(parts.size() + 1L);
    budget.allocate(part.length());
    parts.add(part);
  }

  /**
   * Parts of a string.
   *
   * @param separator null for white space, of which any amount separates
   * @param most separations; below 0 for all
   */
  List<Object> split(String text, String separator, long most) {
    List<Object> parts = new ArrayList<>();
    if (separator == null) {
      int i = skip(text, 0, true);
      while (i < text.length()) {
        // The rest keeps its blanks.
        int end = most >= 0 && parts.size() >= most ? text.length() : skip(text, i, false);
        add(parts, text.substring(i, end));
        i = skip(text, end, true);
      }
      return parts;
    }
    requireSeparator(separator);
    int start = 0;
    int found = Search.first(text, separator, 0, budget);
    while (found >= 0 && (most < 0 || parts.size() < most)) {
      add(parts, text.substring(start, found));
      start = found + separator.length();
      found = Search.first(text, separator, start, budget);
    }
    add(parts, text.substring(start));
    return parts;
  }

  private static int skip(String text, int index, boolean space) {
    int i = index;
    while (i < text.length() && Characters.isSpace(text.charAt(i)) == space) {
      i++;
    }
    return i;
  }

  private static void requireSeparator(String separator) {
    if (separator.isEmpty()) {
      throw new Fault("empty separator");
    }
  }

  /** The same from the right. */
  List<Object> rsplit(String text, String separator, long most) {
    if (most < 0) {
      return split(text, separator, most);
    }
    List<Object> parts = new ArrayList<>();
    int end = text.length();
    if (separator == null) {
      end = skipBack(text, end, true);
      while (end > 0) {
        int start = parts.size() >= most ? 0 : skipBack(text, end, false);
        add(parts, text.substring(start, end));
        end = skipBack(text, start, true);
      }
    } else {
      requireSeparator(separator);
      int found = Search.last(text, separator, end - separator.length(), budget);
      while (found >= 0 && parts.size() < most) {
        add(parts, text.substring(found + separator.length(), end));
        end = found;
        found = Search.last(text, separator, end - separator.length(), budget);
      }
      add(parts, text.substring(0, end));
    }
    Collections.reverse(parts);
    return parts;
  }

  private static int skipBack(String text, int index, boolean space) {
    int i = index;
    while (i > 0 && Characters.isSpace(text.charAt(i - 1)) == space) {
      i--;
    }
    return i;
  }

  List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = start;
      while (end < text.length() && !Characters.isLineEnd(text.charAt(end))) {
        end++;
      }
      int next = Math.min(end + (text.startsWith("\r\n", end) ? 2 : 1), text.length());
      add(lines, text.substring(start, keepEnds ? next : end));
      start = next;
    }
    return lines;
  }

  /**
   * With one string in the place of another.
   *
   * @param most replacements; below 0 for all
   */
  String replace(String text, String old, String replacement, long most) {
    TextBuilder out = new TextBuilder(budget);
    int start = 0;
    long count = 0;
    if (old.isEmpty()) {
      while (most < 0 || count < most) {
        out.append(replacement);
        count++;
        if (start >= text.length()) {
          return out.toString();
        }
        int c = text.codePointAt(start);
        out.codePoint(c);
        start += Character.charCount(c);
      }
    } else {
      int found = Search.first(text, old, 0, budget);
      while (found >= 0 && (most < 0 || count < most)) {
        out.append(text, start, found).append(replacement);
        count++;
        start = found + old.length();
        found = Search.first(text, old, start, budget);
      }
    }
    return out.append(text, start, text.length()).toString();
  }

  long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    int found = Search.first(text, part, 0, budget);
    while (found >= 0) {
      budget.step();
      count++;
      found = Search.first(text, part, found + part.length(), budget);
    }
    return count;
  }

  /** In the middle, where Python puts it if that is not exact. */
  String center(String text, long width, String fill) {
    long room = width - text.codePointCount(0, text.length());
    long left = room / 2 + (room & width & 1);
    return room <= 0 ? text : padded(text, left, room - left, fill);
  }

  String justify(String text, long width, String fill, boolean left) {
    long room = width - text.codePointCount(0, text.length());
    return room <= 0 ? text : padded(text, left ? 0 : room, left ? room : 0, fill);
  }

  String padded(String text, long left, long right, String fill) {
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw new Fault("The fill character must be exactly one character long");
    }
    return new TextBuilder(budget).repeat(fill, left).append(text).repeat(fill, right).toString();
  }

  String zfill(String text, long width) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String sign = signed ? text.substring(0, 1) : "";
    long room = width - text.codePointCount(0, text.length());
    return new TextBuilder(budget)
        .append(sign)
        .repeat("0", room)
        .append(text, sign.length(), text.length())
        .toString();
  }

  String expandTabs(String text, int size) {
    TextBuilder out = new TextBuilder(budget);
    long column = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\t') {
        long blanks = size > 0 ? size - column % size : 0;
        out.repeat(" ", blanks);
        column += blanks;
      } else {
        out.codePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return out.toString();
  }

  /** Whether there is a letter with case, and none of the other. */
  static boolean hasCase(String text, boolean upper) {
    boolean found = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean other = upper ? Character.isLowerCase(c) : Character.isUpperCase(c);
      if (other || Character.isTitleCase(c)) {
        return false;
      }
      found |= upper ? Character.isUpperCase(c) : Character.isLowerCase(c);
    }
    return found;
  }

  static boolean isTitle(String text) {
    boolean within = false;
    boolean found = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean begins = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (begins ? within : Character.isLowerCase(c) && !within) {
        return false;
      }
      within = isCased(c);
      found |= within;
    }
    return found;
  }

  static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }
}
