package org.resa4j.answer;

/** Text that is held back until it is clear whether a mark begins in it. */
final class Held {
  private final StringBuilder text = new StringBuilder();

  void add(String more) {
    text.append(more);
  }

  /** Takes out what is before a mark, and the mark; null where it is not there. */
  String takeThrough(String mark) {
    int at = text.indexOf(mark);
    if (at < 0) {
      return null;
    }
    String before = text.substring(0, at);
    text.delete(0, at + mark.length());
    return before;
  }

  /** Takes out what can be no part of a mark, nor white space before one. */
  String takeBefore(String mark) {
    int end = text.length() - beginning(mark);
    while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return take(end);
  }

  String takeAll() {
    return take(text.length());
  }

  void stripLeading() {
    int begin = 0;
    while (begin < text.length() && Character.isWhitespace(text.charAt(begin))) {
      begin++;
    }
    text.delete(0, begin);
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  /** Whether it begins with a mark, white space aside. */
  boolean beginsWith(String mark) {
    return text.toString().stripLeading().startsWith(mark);
  }

  /** Whether it could yet begin with a mark. */
  boolean mayBeginWith(String mark) {
    return mark.startsWith(text.toString().stripLeading());
  }

  private String take(int end) {
    String taken = text.substring(0, end);
    text.delete(0, end);
    return taken;
  }

  /** The longest beginning of a mark that the text ends with. */
  private int beginning(String mark) {
    for (int length = Math.min(mark.length() - 1, text.length()); length > 0; length--) {
      if (mark.startsWith(text.substring(text.length() - length))) {
        return length;
      }
    }
    return 0;
  }
}
