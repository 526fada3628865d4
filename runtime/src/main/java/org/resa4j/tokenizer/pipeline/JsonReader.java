package org.resa4j.tokenizer.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.resa4j.error.InputException;

/**
 * JSON of UTF-8 bytes, token by token for what is large, and as maps, lists, strings, longs,
 * doubles and booleans for what is small. Strict: RFC 8259, keys once in an object, no half
 * surrogate pairs.
 *
 * <p>Written for the vocabularies' hundreds of thousands of strings in a JVM that has just started:
 * they go from the bytes into one buffer, without an object for each.
 */
final class JsonReader {
  /** Of objects and arrays in each other. Published files have at most eight. */
  private static final int DEEPEST = 64;

  /** Of characters. Published files have strings of up to 600,000. */
  private static final int LONGEST_STRING = 1 << 25;

  /** Of values in maps and lists. Published files have up to 50,000. */
  private static final int MOST_VALUES = 1_000_000;

  /** What may be read. */
  enum Token {
    START_OBJECT,
    END_OBJECT,
    START_ARRAY,
    END_ARRAY,
    /** The key of the value that is next. */
    NAME,
    STRING,
    WHOLE,
    FRACTION,
    TRUE,
    FALSE,
    NULL,
    END
  }

  private final Source source;
  private final byte[] bytes;
  private int at;
  private Token current = Token.NULL;

  /** Whether each open bracket is an object's: the lowest bit is the innermost one's. */
  private long objects;

  private int depth;
  private boolean first = true;
  private boolean afterName;

  /** The last string or name. */
  private char[] text = new char[256];

  private int textLength;
  private int numberStart;
  private int values;

  JsonReader(Source source, byte[] bytes) {
    this.source = source;
    this.bytes = bytes;
  }

  /** Goes on. */
  Token next() {
    current = read();
    return current;
  }

  Token current() {
    return current;
  }

  /** The name or string that was read: {@link #length} characters from 0, until the next one. */
  char[] characters() {
    return text;
  }

  int length() {
    return textLength;
  }

  /** The name or string that was read. */
  String string() {
    return new String(text, 0, textLength);
  }

  /** The number that was read, if it is a whole one from 0 to {@code limit} - 1; else -1. */
  int wholeBelow(int limit) {
    if (current != Token.WHOLE || at - numberStart > 9) {
      return -1;
    }
    int value = 0;
    for (int i = numberStart; i < at; i++) {
      if (bytes[i] == '-') {
        return -1;
      }
      value = 10 * value + bytes[i] - '0';
    }
    return value < limit ? value : -1;
  }

  /** The number that was read, if it is a finite one; else not a number. */
  double number() {
    if (current != Token.WHOLE && current != Token.FRACTION) {
      return Double.NaN;
    }
    double value = Double.parseDouble(numberText());
    return Double.isFinite(value) ? value : Double.NaN;
  }

  private String numberText() {
    return new String(bytes, numberStart, at - numberStart, StandardCharsets.ISO_8859_1);
  }

  /** The whole value that begins with the token that was read. */
  Object value(String component) {
    if (++values > MOST_VALUES) {
      throw source.refuse(component, "more than %d values".formatted(MOST_VALUES));
    }
    return switch (current) {
      case START_OBJECT -> object(component);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (next() != Token.END_ARRAY) {
          items.add(value(component));
        }
        yield items;
      }
      case STRING -> string();
      case WHOLE -> {
        // Longer ones are in no range.
        if (at - numberStart > 18) {
          yield Double.POSITIVE_INFINITY;
        }
        yield Long.parseLong(numberText());
      }
      case FRACTION -> Double.parseDouble(numberText());
      case TRUE -> Boolean.TRUE;
      case FALSE -> Boolean.FALSE;
      default -> null;
    };
  }

  private Map<String, Object> object(String component) {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (next() != Token.END_OBJECT) {
      String name = string();
      if (fields.containsKey(name)) {
        throw source.refuse(component, "\"%s\" comes twice".formatted(name));
      }
      next();
      fields.put(name, value(component));
    }
    return fields;
  }

  private Token read() {
    int c = nextByte();
    if (afterName) {
      if (c != ':') {
        throw bad("a : is missing");
      }
      at++;
      afterName = false;
      return value(nextByte());
    }
    if (depth == 0) {
      if (!first) {
        if (c >= 0) {
          throw bad("something after the end");
        }
        return Token.END;
      }
      first = false;
      return value(c);
    }
    boolean object = (objects & 1) == 1;
    if (c == (object ? '}' : ']')) {
      at++;
      depth--;
      objects >>>= 1;
      first = false;
      return object ? Token.END_OBJECT : Token.END_ARRAY;
    }
    if (!first) {
      if (c != ',') {
        throw bad("a , is missing");
      }
      at++;
      c = nextByte();
    }
    first = false;
    if (!object) {
      return value(c);
    }
    if (c != '"') {
      throw bad("a name is missing");
    }
    readString();
    afterName = true;
    return Token.NAME;
  }

  private Token value(int c) {
    switch (c) {
      case '"':
        readString();
        return Token.STRING;
      case '{':
        open(true);
        return Token.START_OBJECT;
      case '[':
        open(false);
        return Token.START_ARRAY;
      case 't':
        return word("true", Token.TRUE);
      case 'f':
        return word("false", Token.FALSE);
      case 'n':
        return word("null", Token.NULL);
      default:
        if (c != '-' && !isDigit(c)) {
          throw bad("a value is missing");
        }
        return readNumber();
    }
  }

  private void open(boolean object) {
    if (depth == DEEPEST) {
      throw bad("more than %d brackets in each other".formatted(DEEPEST));
    }
    at++;
    depth++;
    objects = objects << 1 | (object ? 1 : 0);
    first = true;
  }

  private Token word(String word, Token token) {
    for (int i = 0; i < word.length(); i++) {
      if (at >= bytes.length || bytes[at] != word.charAt(i)) {
        throw bad("a value is missing");
      }
      at++;
    }
    return token;
  }

  /** The next byte that is no white space, -1 at the end. */
  private int nextByte() {
    while (at < bytes.length) {
      byte c = bytes[at];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return c & 0xFF;
      }
      at++;
    }
    return -1;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private Token readNumber() {
    numberStart = at;
    if (bytes[at] == '-') {
      at++;
    }
    int digits = digits();
    int firstDigit = at - digits;
    if (digits == 0 || (digits > 1 && bytes[firstDigit] == '0')) {
      throw bad("not a number");
    }
    boolean whole = true;
    if (at < bytes.length && bytes[at] == '.') {
      at++;
      whole = false;
      if (digits() == 0) {
        throw bad("not a number");
      }
    }
    if (at < bytes.length && (bytes[at] == 'e' || bytes[at] == 'E')) {
      at++;
      whole = false;
      if (at < bytes.length && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      if (digits() == 0) {
        throw bad("not a number");
      }
    }
    return whole ? Token.WHOLE : Token.FRACTION;
  }

  private int digits() {
    int start = at;
    while (at < bytes.length && isDigit(bytes[at])) {
      at++;
    }
    return at - start;
  }

  /** Reads the string whose quotation mark is next. */
  private void readString() {
    byte[] in = bytes;
    char[] out = text;
    int from = at + 1;
    int to = 0;
    while (from < in.length) {
      int c = in[from];
      if (c == '"') {
        at = from + 1;
        textLength = to;
        return;
      }
      if (to + 2 > out.length) {
        if (to > LONGEST_STRING) {
          at = from;
          throw bad("a string of more than %d characters".formatted(LONGEST_STRING));
        }
        out = Arrays.copyOf(out, Growth.next(out.length, to + 2L));
        text = out;
      }
      if (c >= ' ' && c != '\\') {
        out[to++] = (char) c;
        from++;
      } else if (c == '\\') {
        at = from;
        to = escape(out, to);
        from = at;
      } else if (c < 0) {
        at = from;
        int length = Utf8.sequence(in, from, in.length);
        if (length <= 0) {
          throw bad("not UTF-8");
        }
        to = Utf8.get(in, from, length, out, to);
        from += length;
      } else {
        at = from;
        throw bad("a control character in a string");
      }
    }
    at = from;
    throw bad("a string without an end");
  }

  private int escape(char[] out, int to) {
    int c = at + 1 < bytes.length ? bytes[at + 1] : -1;
    at += 2;
    switch (c) {
      case '"', '\\', '/' -> out[to] = (char) c;
      case 'b' -> out[to] = '\b';
      case 'f' -> out[to] = '\f';
      case 'n' -> out[to] = '\n';
      case 'r' -> out[to] = '\r';
      case 't' -> out[to] = '\t';
      case 'u' -> {
        char unit = hexadecimal();
        out[to] = unit;
        if (Character.isSurrogate(unit)) {
          boolean more = at + 1 < bytes.length && bytes[at] == '\\' && bytes[at + 1] == 'u';
          at += 2;
          char low = more && Character.isHighSurrogate(unit) ? hexadecimal() : 0;
          if (!Character.isLowSurrogate(low)) {
            throw bad("half a surrogate pair in a string");
          }
          out[to + 1] = low;
          return to + 2;
        }
      }
      default -> throw bad("an unknown \\ in a string");
    }
    return to + 1;
  }

  private char hexadecimal() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < bytes.length && bytes[at] > 0 ? Character.digit(bytes[at], 16) : -1;
      if (digit < 0) {
        throw bad("no four digits after \\u");
      }
      value = 16 * value + digit;
      at++;
    }
    return (char) value;
  }

  private InputException bad(String why) {
    return source.refuse("JSON", "%s at byte %d".formatted(why, Math.min(at, bytes.length)));
  }
}
