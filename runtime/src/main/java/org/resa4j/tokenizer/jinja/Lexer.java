package org.resa4j.tokenizer.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.resa4j.error.InputException;
import org.resa4j.tokenizer.jinja.Token.Kind;

/**
 * Cuts a template into tokens, as Jinja2's lexer does with trim_blocks and lstrip_blocks: the
 * newline after a block or comment goes, and so do the blanks before one that begins a line.
 */
final class Lexer {
  private static final String OPERATORS = "+-/*%~[](){}><=.:|,;";
  private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Character> brackets = new ArrayDeque<>();
  private int position;
  private int line = 1;

  /** Whether what was last read ended a line, so that blanks that follow begin one. */
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    Lexer lexer = new Lexer(normalized(template));
    while (lexer.position < lexer.source.length()) {
      lexer.data();
    }
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private static String normalized(String template) {
    String text = template;
    if (text.indexOf('\r') >= 0) {
      text = text.replace("\r\n", "\n").replace('\r', '\n');
    }
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  static InputException error(int line, String message) {
    return new InputException("line " + line + " of the chat template: " + message);
  }

  private InputException error(String message) {
    return error(line, message);
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, null, line));
  }

  /** Goes on to a position, and counts the lines up to it. */
  private void goTo(int next) {
    for (int i = position; i < next; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    position = next;
  }

  private char at(int index) {
    return index < source.length() ? source.charAt(index) : '\0';
  }

  /** Text up to the next tag, and that tag. */
  private void data() {
    int tag = position;
    while (tag < source.length() && !(at(tag) == '{' && "{%#".indexOf(at(tag + 1)) >= 0)) {
      tag++;
    }
    if (tag >= source.length()) {
      addData(source.length(), source.length());
      return;
    }
    char kind = at(tag + 1);
    char sign = at(tag + 2);
    boolean signed = sign == '-' || sign == '+';
    addData(stripped(tag, signed ? sign : ' ', kind != '{'), tag);
    int rawEnd = kind == '%' ? raw(tag) : -1;
    if (rawEnd >= 0) {
      goTo(rawEnd);
      rawData();
      return;
    }
    goTo(tag + (signed ? 3 : 2));
    switch (kind) {
      case '#' -> comment();
      case '%' -> code(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
      default -> code(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
    }
  }

  private void addData(int end, int next) {
    if (end > position) {
      add(Kind.DATA, source.substring(position, end));
    }
    goTo(next);
  }

  /** Where the text before a tag ends, once blanks are off. */
  private int stripped(int tag, char sign, boolean block) {
    int end = tag;
    if (sign == '-') {
      while (end > position && Characters.isSpace(source.charAt(end - 1))) {
        end--;
      }
    } else if (sign != '+' && block) {
      int from = tag;
      while (from > position && isBlank(source.charAt(from - 1))) {
        from--;
      }
      boolean startsLine = from > position ? source.charAt(from - 1) == '\n' : lineStarts;
      end = startsLine ? from : tag;
    }
    return end;
  }

  private static boolean isBlank(char c) {
    return c != '\n' && Characters.isSpace(c);
  }

  /** Where a raw tag at an index ends, -1 if it is another one. */
  private int raw(int tag) {
    int i = tag + 2;
    if (at(i) == '-' || at(i) == '+') {
      i++;
    }
    i = skipSpace(i);
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("-%}", i)) {
      return skipSpace(i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void rawData() {
    lineStarts = source.charAt(position - 1) == '\n';
    int search = position;
    while (true) {
      int tag = source.indexOf("{%", search);
      if (tag < 0) {
        requireEnd("missing end of raw directive");
        return;
      }
      int i = tag + 2;
      char sign = at(i);
      boolean signed = sign == '-' || sign == '+';
      i = skipSpace(signed ? i + 1 : i);
      if (source.startsWith("endraw", i)) {
        int end = end(skipSpace(i + 6), "%}", true);
        if (end >= 0) {
          addData(stripped(tag, signed ? sign : ' ', true), end);
          lineStarts = source.charAt(position - 1) == '\n';
          return;
        }
      }
      search = tag + 2;
    }
  }

  /** Jinja2 lets what is not closed pass if nothing follows. */
  private void requireEnd(String message) {
    if (position < source.length()) {
      throw error(message);
    }
  }

  private int skipSpace(int index) {
    int i = index;
    while (i < source.length() && Characters.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  /** Where the end of a tag ends, with its whitespace control; -1 if there is none at the index. */
  private int end(int index, String mark, boolean block) {
    if (at(index) == '-' && source.startsWith(mark, index + 1)) {
      return skipSpace(index + 3);
    }
    if (block && at(index) == '+' && source.startsWith(mark, index + 1)) {
      return index + 3;
    }
    if (!source.startsWith(mark, index)) {
      return -1;
    }
    return block && at(index + 2) == '\n' ? index + 3 : index + 2;
  }

  private void comment() {
    int close = source.indexOf("#}", position);
    if (close < 0) {
      requireEnd("missing end of comment tag");
      return;
    }
    boolean signed = close > position && "+-".indexOf(source.charAt(close - 1)) >= 0;
    goTo(end(signed ? close - 1 : close, "#}", true));
    lineStarts = source.charAt(position - 1) == '\n';
  }

  private void code(Kind begin, Kind end, String mark) {
    add(begin, mark);
    boolean block = end == Kind.BLOCK_END;
    brackets.clear();
    while (true) {
      goTo(skipSpace(position));
      if (position >= source.length()) {
        // The parser knows what is missing.
        return;
      }
      int next = brackets.isEmpty() ? end(position, mark, block) : -1;
      if (next >= 0) {
        add(end, mark);
        goTo(next);
        lineStarts = source.charAt(position - 1) == '\n';
        return;
      }
      token();
    }
  }

  private void token() {
    char c = source.charAt(position);
    if (c >= '0' && c <= '9') {
      number();
    } else if (c == '\'' || c == '"') {
      string(c);
    } else if (Characters.isNameStart(source.codePointAt(position))) {
      int end = position;
      while (end < source.length() && Characters.isNamePart(source.codePointAt(end))) {
        end += Character.charCount(source.codePointAt(end));
      }
      add(Kind.NAME, source.substring(position, end));
      position = end;
    } else {
      operator(c);
    }
  }

  private void operator(char c) {
    for (String operator : LONG_OPERATORS) {
      if (source.startsWith(operator, position)) {
        add(Kind.OPERATOR, operator);
        position += 2;
        return;
      }
    }
    if (OPERATORS.indexOf(c) < 0) {
      throw error(
          "unexpected character '" + Character.toString(source.codePointAt(position)) + "'");
    }
    switch (c) {
      case '(' -> brackets.push(')');
      case '[' -> brackets.push(']');
      case '{' -> brackets.push('}');
      case ')', ']', '}' -> {
        if (brackets.isEmpty() || brackets.pop() != c) {
          throw error("unexpected '" + c + "'");
        }
      }
      default -> {}
    }
    add(Kind.OPERATOR, String.valueOf(c));
    position++;
  }

  private void string(char quote) {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw error("a string is not closed");
    }
    try {
      add(Kind.STRING, StringLiteral.value(source.substring(position + 1, end)));
    } catch (Fault e) {
      throw error(e.getMessage());
    }
    goTo(end + 1);
  }

  private void number() {
    int end = fraction(position);
    boolean isFloat = end > 0 && (position == 0 || source.charAt(position - 1) != '.');
    if (!isFloat) {
      end = integer(position);
    }
    String text = source.substring(position, end);
    try {
      Object value = isFloat ? (Object) Double.valueOf(text.replace("_", "")) : integer(text);
      tokens.add(new Token(Kind.NUMBER, text, value, line));
    } catch (NumberFormatException e) {
      throw error("the number " + text + " has more than 64 bits");
    }
    position = end;
  }

  /** Where a float at an index ends, 0 if there is none. */
  private int fraction(int index) {
    int end = digits(index, 10);
    boolean found = false;
    if (at(end) == '.' && digits(end + 1, 10) > end + 1) {
      end = digits(end + 1, 10);
      found = true;
    }
    if (at(end) == 'e' || at(end) == 'E') {
      int exponent = at(end + 1) == '+' || at(end + 1) == '-' ? end + 2 : end + 1;
      if (digits(exponent, 10) > exponent) {
        return digits(exponent, 10);
      }
    }
    return found ? end : 0;
  }

  private int integer(int index) {
    if (at(index) == '0') {
      int radix = radix(at(index + 1));
      int start = at(index + 2) == '_' ? index + 3 : index + 2;
      if (radix != 10 && digits(start, radix) > start) {
        return digits(start, radix);
      }
      int end = index + 1;
      while (at(end) == '0' || at(end) == '_' && at(end + 1) == '0') {
        end++;
      }
      return end;
    }
    return digits(index, 10);
  }

  private static int radix(char mark) {
    return switch (mark) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 10;
    };
  }

  private static Long integer(String text) {
    String digits = text.replace("_", "");
    int radix = digits.length() > 2 ? radix(digits.charAt(1)) : 10;
    return Long.valueOf(radix == 10 ? digits : digits.substring(2), radix);
  }

  /** Where digits with single underscores between them end. */
  private int digits(int index, int radix) {
    int end = index;
    while (isDigit(at(end), radix)
        || at(end) == '_' && end > index && isDigit(at(end + 1), radix)) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c, int radix) {
    return c < 128 && Character.digit(c, radix) >= 0;
  }
}
