package org.resa4j.grammar.schema;

import java.util.Collection;

/**
 * Within a number.
 *
 * @param whole whether it has neither fraction nor exponent
 */
record Digits(boolean whole, Place place) implements Frame {

  /** What was read last. */
  enum Place {
    MINUS,
    ZERO,
    WHOLE,
    POINT,
    FRACTION,
    EXPONENT,
    SIGN,
    POWER
  }

  /** Reads a number's first character. */
  static void begin(char c, boolean whole, Reading on, Collection<Reading> into) {
    if (c == '-') {
      into.add(on.at(new Digits(whole, Place.MINUS)));
    } else if (isDigit(c)) {
      into.add(on.at(new Digits(whole, c == '0' ? Place.ZERO : Place.WHOLE)));
    }
  }

  @Override
  public boolean isComplete() {
    return switch (place) {
      case ZERO, WHOLE, FRACTION, POWER -> true;
      case MINUS, POINT, EXPONENT, SIGN -> false;
    };
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    Place next =
        switch (place) {
          case MINUS -> c == '0' ? Place.ZERO : isDigit(c) ? Place.WHOLE : null;
          case ZERO -> afterWhole(c);
          case WHOLE -> isDigit(c) ? Place.WHOLE : afterWhole(c);
          case POINT -> isDigit(c) ? Place.FRACTION : null;
          case FRACTION -> isDigit(c) ? Place.FRACTION : isE(c) ? Place.EXPONENT : null;
          case EXPONENT -> c == '+' || c == '-' ? Place.SIGN : isDigit(c) ? Place.POWER : null;
          case SIGN, POWER -> isDigit(c) ? Place.POWER : null;
        };
    if (next != null) {
      into.add(on.at(new Digits(whole, next)));
    }
  }

  private Place afterWhole(char c) {
    if (whole) {
      return null;
    }
    return c == '.' ? Place.POINT : isE(c) ? Place.EXPONENT : null;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isE(char c) {
    return c == 'e' || c == 'E';
  }
}
