package org.resa4j.grammar.schema;

import java.util.Collection;
import org.resa4j.grammar.schema.Node.Length;

/**
 * Within a string. Characters are counted as code points behind their escapes, as far as a bound
 * needs it.
 *
 * @param node of the string
 * @param count characters read; the least there must be, where there are more and no bound above
 * @param paired whether the last is the first half of a surrogate pair: with the other half it is
 *     the same character
 * @param place what was read last
 * @param digits hexadecimal digits of the present escape
 * @param half what the digits say of it, where characters are counted
 */
record Characters(int node, int count, boolean paired, Place place, int digits, Half half)
    implements Frame {
  private static final int ESCAPE_DIGITS = 4;
  private static final String ESCAPES = "\"\\/bfnrt";

  /** What was read last. */
  enum Place {
    CHARACTER,
    BACKSLASH,
    HEX
  }

  /** Half of a surrogate pair. */
  enum Half {
    NEITHER,
    EITHER,
    FIRST,
    SECOND
  }

  /** Behind the quote. */
  Characters(int node) {
    this(node, 0, false, Place.CHARACTER, 0, Half.NEITHER);
  }

  @Override
  public void next(char c, Reading on, JsonSchema schema, Collection<Reading> into) {
    Length length = schema.length(node);
    if (place == Place.CHARACTER && c == '"') {
      if (count >= length.least()) {
        into.add(on.below());
      }
      return;
    }
    Characters next =
        switch (place) {
          case CHARACTER -> character(c, length);
          case BACKSLASH -> backslash(c, length);
          case HEX -> hex(c, length);
        };
    if (next != null) {
      into.add(on.at(next));
    }
  }

  /** Of the counts that are equally far from all bounds, in texts up to a length, the least. */
  Characters within(int characters, JsonSchema schema) {
    Length length = schema.length(node);
    int same = count;
    if (count + characters < length.least()) {
      same = 0;
    } else if (count >= length.least() && characters < length.most() - count) {
      same = length.least();
    }
    return new Characters(node, same, paired, place, digits, half);
  }

  private Characters character(char c, Length length) {
    if (c == '\\') {
      return isFull(length) && !paired ? null : with(Place.BACKSLASH, 0, Half.NEITHER);
    }
    // Bytes may become one character, which is fewer than are counted.
    if (c < ' ' || (c == Words.BYTE && count < length.least())) {
      return null;
    }
    return one(
        Character.isHighSurrogate(c)
            ? Half.FIRST
            : Character.isLowSurrogate(c) ? Half.SECOND : Half.NEITHER,
        length);
  }

  private Characters backslash(char c, Length length) {
    if (c == 'u') {
      return with(Place.HEX, 0, Half.NEITHER);
    }
    return ESCAPES.indexOf(c) >= 0 ? one(Half.NEITHER, length) : null;
  }

  private Characters hex(char c, Length length) {
    int digit = c < 0x80 ? Character.digit(c, 16) : -1;
    if (digit < 0) {
      return null;
    }
    Half now = counts(length) ? half(digit) : Half.NEITHER;
    // What is full takes the other half of its last character, and nothing else.
    if (isFull(length) && now != Half.SECOND && !(digits == 0 && now == Half.EITHER)) {
      return null;
    }
    return digits + 1 == ESCAPE_DIGITS ? one(now, length) : with(Place.HEX, digits + 1, now);
  }

  /** Surrogates are D800 to DBFF, then to DFFF. */
  private Half half(int digit) {
    return switch (digits) {
      case 0 -> digit == 0xD ? Half.EITHER : Half.NEITHER;
      case 1 ->
          half == Half.NEITHER || digit < 0x8
              ? Half.NEITHER
              : digit < 0xC ? Half.FIRST : Half.SECOND;
      default -> half;
    };
  }

  /** One more character, or half of one; null where there is no room for it. */
  private Characters one(Half read, Length length) {
    if (!counts(length)) {
      return new Characters(node, count, false, Place.CHARACTER, 0, Half.NEITHER);
    }
    boolean same = paired && read == Half.SECOND;
    if (!same && isFull(length)) {
      return null;
    }
    int now = same ? count : count + 1;
    boolean half = read == Half.FIRST && (length.isBounded() || now < length.least());
    return new Characters(node, now, half, Place.CHARACTER, 0, Half.NEITHER);
  }

  private Characters with(Place next, int read, Half now) {
    return new Characters(node, count, paired, next, read, now);
  }

  /** Whether it matters how many there are. */
  private boolean counts(Length length) {
    return length.isBounded() || count < length.least();
  }

  private boolean isFull(Length length) {
    return count == length.most();
  }
}
