package org.resa4j.grammar;

/**
 * A JSON object, RFC 8259: a pushdown automaton over characters. White space between its parts is
 * bounded, so that a text that is led by it does not go on for ever; so is how deep it nests.
 *
 * @param place what was read last
 * @param open the braces and brackets that are open, the innermost last
 * @param count characters of a word, of a \\u escape, or of white space, read at the place
 */
public record JsonText(Place place, String open, int count) implements TextState {
  private static final int MOST_SPACE = 64;
  private static final int MOST_OPEN = 64;
  private static final int ESCAPE_DIGITS = 4;
  private static final String TRUE = "true";
  private static final String FALSE = "false";
  private static final String NULL = "null";

  /** Where in an object a text stands. */
  public enum Place {
    BEGIN,
    OBJECT,
    NEXT_NAME,
    NAME,
    NAME_ESCAPE,
    NAME_HEX,
    NAMED,
    VALUE,
    ARRAY,
    STRING,
    STRING_ESCAPE,
    STRING_HEX,
    MINUS,
    ZERO,
    DIGITS,
    POINT,
    FRACTION,
    EXPONENT,
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    TRUE,
    FALSE,
    NULL,
    ENDED_VALUE,
    END
  }

  /** Before the object. */
  public JsonText() {
    this(Place.BEGIN, "", 0);
  }

  @Override
  public boolean isComplete() {
    return place == Place.END;
  }

  @Override
  public TextState next(char c) {
    return switch (place) {
      case BEGIN -> c == '{' ? push(c, Place.OBJECT) : space(c);
      case OBJECT -> c == '"' ? at(Place.NAME) : c == '}' ? pop(c) : space(c);
      case NEXT_NAME -> c == '"' ? at(Place.NAME) : space(c);
      case NAME -> string(c, Place.NAMED, Place.NAME_ESCAPE);
      case NAME_ESCAPE -> escape(c, Place.NAME, Place.NAME_HEX);
      case NAME_HEX -> hex(c, Place.NAME);
      case NAMED -> c == ':' ? at(Place.VALUE) : space(c);
      case VALUE -> value(c);
      case ARRAY -> c == ']' ? pop(c) : value(c);
      case STRING -> string(c, Place.ENDED_VALUE, Place.STRING_ESCAPE);
      case STRING_ESCAPE -> escape(c, Place.STRING, Place.STRING_HEX);
      case STRING_HEX -> hex(c, Place.STRING);
      case MINUS -> c == '0' ? at(Place.ZERO) : isDigit(c) ? at(Place.DIGITS) : null;
      case ZERO -> number(c);
      case DIGITS -> isDigit(c) ? this : number(c);
      case POINT -> isDigit(c) ? at(Place.FRACTION) : null;
      case FRACTION -> isDigit(c) ? this : isE(c) ? at(Place.EXPONENT) : ended(c);
      case EXPONENT ->
          isDigit(c)
              ? at(Place.EXPONENT_DIGITS)
              : c == '+' || c == '-' ? at(Place.EXPONENT_SIGN) : null;
      case EXPONENT_SIGN -> isDigit(c) ? at(Place.EXPONENT_DIGITS) : null;
      case EXPONENT_DIGITS -> isDigit(c) ? this : ended(c);
      case TRUE -> word(c, TRUE);
      case FALSE -> word(c, FALSE);
      case NULL -> word(c, NULL);
      case ENDED_VALUE -> ended(c);
      case END -> null;
    };
  }

  private JsonText at(Place next) {
    return new JsonText(next, open, 0);
  }

  private JsonText push(char bracket, Place next) {
    return open.length() == MOST_OPEN ? null : new JsonText(next, open + bracket, 0);
  }

  private JsonText pop(char bracket) {
    int last = open.length() - 1;
    if (open.charAt(last) != (bracket == '}' ? '{' : '[')) {
      return null;
    }
    return new JsonText(last == 0 ? Place.END : Place.ENDED_VALUE, open.substring(0, last), 0);
  }

  private JsonText space(char c) {
    boolean isSpace = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    return isSpace && count < MOST_SPACE ? new JsonText(place, open, count + 1) : null;
  }

  private JsonText string(char c, Place end, Place escape) {
    if (c == '"') {
      return at(end);
    }
    return c == '\\' ? at(escape) : c < ' ' ? null : this;
  }

  private JsonText escape(char c, Place string, Place hex) {
    return c == 'u' ? at(hex) : "\"\\/bfnrt".indexOf(c) >= 0 ? at(string) : null;
  }

  private JsonText hex(char c, Place string) {
    boolean isHex = isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!isHex) {
      return null;
    }
    return count + 1 == ESCAPE_DIGITS ? at(string) : new JsonText(place, open, count + 1);
  }

  private JsonText value(char c) {
    return switch (c) {
      case '{' -> push(c, Place.OBJECT);
      case '[' -> push(c, Place.ARRAY);
      case '"' -> at(Place.STRING);
      case '-' -> at(Place.MINUS);
      case '0' -> at(Place.ZERO);
      case 't' -> new JsonText(Place.TRUE, open, 1);
      case 'f' -> new JsonText(Place.FALSE, open, 1);
      case 'n' -> new JsonText(Place.NULL, open, 1);
      default -> isDigit(c) ? at(Place.DIGITS) : space(c);
    };
  }

  private JsonText word(char c, String word) {
    if (word.charAt(count) != c) {
      return null;
    }
    return count + 1 == word.length()
        ? at(Place.ENDED_VALUE)
        : new JsonText(place, open, count + 1);
  }

  private JsonText number(char c) {
    return c == '.' ? at(Place.POINT) : isE(c) ? at(Place.EXPONENT) : ended(c);
  }

  /** After a value, or at the end of a number. */
  private JsonText ended(char c) {
    if (c == ',') {
      return at(open.endsWith("{") ? Place.NEXT_NAME : Place.VALUE);
    }
    if (c == '}' || c == ']') {
      return pop(c);
    }
    JsonText after = place == Place.ENDED_VALUE ? this : at(Place.ENDED_VALUE);
    return after.space(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isE(char c) {
    return c == 'e' || c == 'E';
  }
}
