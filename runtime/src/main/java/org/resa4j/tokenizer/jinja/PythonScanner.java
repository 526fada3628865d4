package org.resa4j.tokenizer.jinja;

import com.hubspot.jinjava.el.ext.ExtendedScanner;

/** Jinjava's tokens, with Python's escapes in strings: an unknown one stands for itself. */
final class PythonScanner extends ExtendedScanner {
  PythonScanner(String input) {
    super(input);
  }

  @Override
  protected Token nextString() throws ScanException {
    String input = getInput();
    int from = getPosition();
    StringBuilder text = new StringBuilder();
    for (int i = from + 1; i < input.length(); i++) {
      char c = input.charAt(i);
      if (c == input.charAt(from)) {
        return token(Symbol.STRING, text.toString(), i + 1 - from);
      }
      if (c == '\\' && i + 1 < input.length()) {
        i += escape(input, i + 1, text);
      } else {
        text.append(c);
      }
    }
    throw new ScanException(from, "unterminated string", input.substring(from, from + 1));
  }

  /** Appends what the escape at {@code at} means. Returns its length. */
  private static int escape(String input, int at, StringBuilder text) throws ScanException {
    char c = input.charAt(at);
    switch (c) {
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> {
        // A line that goes on.
      }
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'x' -> {
        return codePoint(input, at, 2, text);
      }
      case 'u' -> {
        return codePoint(input, at, 4, text);
      }
      case 'U' -> {
        return codePoint(input, at, 8, text);
      }
      default -> text.append('\\').append(c);
    }
    return 1;
  }

  private static int codePoint(String input, int at, int digits, StringBuilder text)
      throws ScanException {
    try {
      text.appendCodePoint(Integer.parseInt(input, at + 1, at + 1 + digits, 16));
      return 1 + digits;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new ScanException(at, "invalid escape sequence", digits + " hexadecimal digits");
    }
  }
}
