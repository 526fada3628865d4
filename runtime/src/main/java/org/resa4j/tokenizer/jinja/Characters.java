package org.resa4j.tokenizer.jinja;

/** Classes of characters, as Python has them. */
final class Characters {
  private Characters() {}

  static boolean isSpace(int c) {
    if (c < 128) {
      return c == ' ' || c >= 9 && c <= 13 || c >= 28 && c <= 31;
    }
    return c == 0x85 || c == 0xa0 || Character.isSpaceChar(c);
  }

  /** What ends a line for {@code splitlines}. */
  static boolean isLineEnd(int c) {
    return c >= 10 && c <= 13 || c >= 28 && c <= 30 || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  static boolean isNameStart(int c) {
    return c == '_' || (c < 128 ? Character.isLetter(c) : Character.isUnicodeIdentifierStart(c));
  }

  static boolean isNamePart(int c) {
    return isNameStart(c)
        || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
  }

  /** Whether {@code repr} shows it as it is. */
  static boolean isPrintable(int c) {
    if (c < 128) {
      return c >= ' ' && c < 127;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  static boolean isDecimal(int c) {
    return Character.isDigit(c);
  }

  /** Digits that stand higher, lower or in circles too. */
  static boolean isDigit(int c) {
    return Character.isDigit(c)
        || c == 0xb2
        || c == 0xb3
        || c == 0xb9
        || c == 0x2070
        || c >= 0x2074 && c <= 0x2079
        || c >= 0x2080 && c <= 0x2089
        || c >= 0x2460 && c <= 0x2468;
  }

  static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  static boolean isAlphanumeric(int c) {
    return Character.isLetter(c) || isNumeric(c);
  }
}
