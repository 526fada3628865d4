package org.resa4j.tokenizer.pipeline;

import org.resa4j.tokenizer.pipeline.OnigurumaRegex.Unsupported;

/** A class of characters in square brackets. */
final class OnigurumaClass {
  /** Of words; unlike Java's, without joiners. */
  static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  /** {@code \w} outside of classes, which has six characters of Latin-1 more: ² ³ ¹ ¼ ½ ¾. */
  static final String WORD_ALONE = WORD + "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}";

  private static final int DEEPEST = 16;

  private final String in;
  private final boolean ignoreCase;
  private int at;

  /**
   * @param at where the bracket opens
   */
  OnigurumaClass(String in, int at, boolean ignoreCase) {
    this.in = in;
    this.at = at;
    this.ignoreCase = ignoreCase;
  }

  /** The index after the class. */
  int end() {
    return at;
  }

  String toJava() throws Unsupported {
    return brackets(0);
  }

  private String brackets(int depth) throws Unsupported {
    if (depth > DEEPEST) {
      throw new Unsupported("more than %d classes in each other".formatted(DEEPEST));
    }
    at++;
    boolean negated = peek() == '^';
    if (negated) {
      at++;
    }
    if (peek() == ']') {
      throw new Unsupported("a class that is empty or begins with ]");
    }
    StringBuilder all = new StringBuilder();
    StringBuilder items = new StringBuilder();
    int operands = 1;
    while (peek() != ']') {
      if (in.startsWith("&&", at)) {
        // Each side in brackets of its own, since Java's precedence is another one.
        all.append('[').append(notEmpty(items)).append("]&&");
        items.setLength(0);
        operands++;
        at += 2;
      } else {
        item(items, depth);
      }
    }
    at++;
    String inside =
        operands == 1 ? notEmpty(items) : all.append('[').append(notEmpty(items)).append(']') + "";
    return (negated ? "[^" : "[") + inside + "]";
  }

  private static String notEmpty(StringBuilder items) throws Unsupported {
    if (items.isEmpty()) {
      throw new Unsupported("a class with nothing on one side of &&");
    }
    return items.toString();
  }

  private char peek() throws Unsupported {
    if (at >= in.length()) {
      throw new Unsupported("a [ without ]");
    }
    return in.charAt(at);
  }

  private void item(StringBuilder items, int depth) throws Unsupported {
    if (in.startsWith("[:", at) && in.indexOf(":]", at) > 0) {
      int close = in.indexOf(":]", at);
      String name = in.substring(at + 2, close);
      boolean not = name.startsWith("^");
      at = close + 2;
      String plain = not ? name.substring(1) : name;
      // In brackets, and only there, symbols are among them.
      String set = plain.equals("punct") ? "\\p{P}\\p{S}" : OnigurumaEscape.lookUp(plain);
      if (ignoreCase) {
        throw new Unsupported("a named set without regard to case");
      }
      items.append(not ? "[^" + set + "]" : set);
      return;
    }
    if (peek() == '[') {
      items.append(brackets(depth + 1));
      return;
    }
    int first = character(items);
    if (first < 0) {
      return;
    }
    boolean range = in.startsWith("-", at) && at + 1 < in.length() && in.charAt(at + 1) != ']';
    if (!range) {
      items.append(ignoreCase ? anyCase(first) : literal(first));
      return;
    }
    at++;
    if (peek() == '[') {
      throw new Unsupported("a range that ends in a set");
    }
    int last = character(null);
    if (last < first) {
      throw new Unsupported("a range that runs backwards");
    }
    range(items, first, last);
  }

  private void range(StringBuilder items, int first, int last) throws Unsupported {
    if (!ignoreCase) {
      items.append(literal(first)).append('-').append(literal(last));
      return;
    }
    if (last >= 0x80) {
      throw new Unsupported("a range beyond ASCII without regard to case");
    }
    for (int c = first; c <= last; c++) {
      items.append(anyCase(c));
    }
  }

  /** The character that is next; -1 if it was a set, which goes into {@code items}. */
  private int character(StringBuilder items) throws Unsupported {
    if (peek() != '\\') {
      int c = in.codePointAt(at);
      at += Character.charCount(c);
      return c;
    }
    if (in.startsWith("\\b", at)) {
      at += 2;
      return '\b';
    }
    OnigurumaEscape escape = new OnigurumaEscape(in, at);
    at = escape.end();
    if (escape.isCharacter()) {
      return escape.character();
    }
    if (items == null) {
      throw new Unsupported("a range that ends in a set");
    }
    items.append(escape.set(ignoreCase));
    return -1;
  }

  /** One character in Java's words, within a class or outside. */
  static String literal(int c) {
    boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return plain ? String.valueOf((char) c) : "\\x{%X}".formatted(c);
  }

  /** A character and those that folding makes equal to it; K and s have one beyond ASCII. */
  static String anyCase(int c) throws Unsupported {
    if (c >= 0x80) {
      throw new Unsupported("%s without regard to case".formatted(Character.toString(c)));
    }
    int lower = Character.toLowerCase(c);
    String both =
        lower == Character.toUpperCase(c)
            ? literal(c)
            : literal(lower) + literal(Character.toUpperCase(c));
    return switch (lower) {
      case 'k' -> both + "\\x{212A}";
      case 's' -> both + "\\x{17F}";
      default -> both;
    };
  }
}
