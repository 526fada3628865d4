package org.resa4j.tokenizer.jinja;

/** Python's escapes in string literals. */
final class StringLiteral {
  private StringLiteral() {}

  /**
   * @param text between the quotes
   */
  static String value(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c == '\\') {
        i = escape(text, i, out);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Reads an escape from behind its backslash; gives where it ends. */
  private static int escape(String text, int index, StringBuilder out) {
    char c = text.charAt(index);
    switch (c) {
      case '\n' -> {}
      case '\\', '\'', '"' -> out.append(c);
      case 'a' -> out.append('\u0007');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'v' -> out.append('\u000b');
      case 'x' -> {
        return code(text, index + 1, 2, out);
      }
      case 'u' -> {
        return code(text, index + 1, 4, out);
      }
      case 'U' -> {
        return code(text, index + 1, 8, out);
      }
      case 'N' -> {
        return named(text, index + 1, out);
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        return octal(text, index, out);
      }
      default -> {
        out.append('\\');
        return unknown(text, index, out);
      }
    }
    return index + 1;
  }

  private static int code(String text, int index, int digits, StringBuilder out) {
    int end = index + digits;
    int value = 0;
    for (int i = index; i < end; i++) {
      int digit = i < text.length() ? hex(text.charAt(i)) : -1;
      if (digit < 0) {
        throw new Fault("a string has a broken escape \\" + text.charAt(index - 1));
      }
      value = value << 4 | digit;
    }
    if (!Character.isValidCodePoint(value)) {
      throw new Fault("a string has an escape beyond the last character of Unicode");
    }
    out.appendCodePoint(value);
    return end;
  }

  private static int hex(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }

  private static int named(String text, int index, StringBuilder out) {
    int end = text.indexOf('}', index);
    if (end < 0 || text.charAt(index) != '{') {
      throw new Fault("a string has a broken escape \\N");
    }
    try {
      out.appendCodePoint(Character.codePointOf(text.substring(index + 1, end)));
    } catch (IllegalArgumentException e) {
      throw new Fault("a string names an unknown character: " + text.substring(index, end + 1));
    }
    return end + 1;
  }

  private static int octal(String text, int index, StringBuilder out) {
    int value = 0;
    int i = index;
    while (i < text.length() && i < index + 3 && text.charAt(i) >= '0' && text.charAt(i) <= '7') {
      value = value * 8 + text.charAt(i++) - '0';
    }
    out.append((char) value);
    return i;
  }

  /** Jinja2 writes characters beyond ASCII as escapes first, so a backslash before one shows. */
  private static int unknown(String text, int index, StringBuilder out) {
    int c = text.codePointAt(index);
    if (c < 128) {
      out.append((char) c);
    } else {
      String escaped = c < 0x100 ? "x%02x" : c < 0x10000 ? "u%04x" : "U%08x";
      out.append(escaped.formatted(c));
    }
    return index + Character.charCount(c);
  }
}
