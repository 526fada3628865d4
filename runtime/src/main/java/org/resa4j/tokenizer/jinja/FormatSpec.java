package org.resa4j.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Digits of numbers, as C's and Python's formats write them; without sign and padding. */
final class FormatSpec {
  /** No double has more digits behind its point. */
  private static final int EXACT_DIGITS = 1100;

  private FormatSpec() {}

  static String integer(long value, char type) {
    BigInteger size = BigInteger.valueOf(value).abs();
    return switch (type) {
      case 'x' -> size.toString(16);
      case 'X' -> size.toString(16).toUpperCase(Locale.ROOT);
      case 'o' -> size.toString(8);
      case 'b' -> size.toString(2);
      default -> size.toString();
    };
  }

  /**
   * The size of a float.
   *
   * @param type e, f or g, or as a capital letter
   * @param alternate whether to keep a point and zeros without need
   */
  static String real(double value, char type, int precision, boolean alternate, Budget budget) {
    String text;
    double size = Math.abs(value);
    if (Double.isNaN(size) || Double.isInfinite(size)) {
      text = Double.isNaN(size) ? "nan" : "inf";
    } else {
      budget.text(precision);
      text =
          switch (Character.toLowerCase(type)) {
            case 'f' -> fixed(size, precision, alternate);
            case 'e' -> scientific(size, precision, alternate);
            default -> general(size, Math.max(precision, 1), alternate);
          };
    }
    return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
  }

  private static String fixed(double value, int precision, boolean alternate) {
    int exact = Math.min(precision, EXACT_DIGITS);
    String text = new BigDecimal(value).setScale(exact, RoundingMode.HALF_EVEN).toPlainString();
    return text + "0".repeat(precision - exact) + (precision == 0 && alternate ? "." : "");
  }

  /** Rounded to some significant digits. */
  private static BigDecimal rounded(double value, int digits) {
    return new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }

  private static int exponent(BigDecimal decimal) {
    return decimal.signum() == 0 ? 0 : decimal.precision() - decimal.scale() - 1;
  }

  private static String scientific(double value, int precision, boolean alternate) {
    int exact = Math.min(precision, EXACT_DIGITS);
    BigDecimal decimal = rounded(value, exact + 1);
    int exponent = exponent(decimal);
    StringBuilder digits = new StringBuilder(decimal.unscaledValue().toString());
    digits.repeat('0', Math.max(0, precision + 1 - digits.length()));
    String fraction = precision > 0 ? "." + digits.substring(1, precision + 1) : "";
    return digits.charAt(0)
        + (fraction.isEmpty() && alternate ? "." : fraction)
        + Numbers.exponent(exponent);
  }

  private static String general(double value, int precision, boolean alternate) {
    int exact = Math.min(precision, EXACT_DIGITS);
    int exponent = exponent(rounded(value, exact));
    boolean scientific = exponent < -4 || exponent >= precision;
    String text =
        scientific
            ? scientific(value, precision - 1, alternate)
            : fixed(value, precision - 1 - exponent, alternate);
    if (alternate) {
      return text;
    }
    int end = text.indexOf('e') < 0 ? text.length() : text.indexOf('e');
    int last = end;
    if (text.lastIndexOf('.', end) >= 0) {
      while (text.charAt(last - 1) == '0') {
        last--;
      }
      if (text.charAt(last - 1) == '.') {
        last--;
      }
    }
    return text.substring(0, last) + text.substring(end);
  }
}
