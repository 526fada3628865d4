package org.resa4j.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.MathContext;

/** Python's arithmetic of ints, floats and booleans; an int beyond 64 bits is an error. */
final class Numbers {
  /** Up to here every long is a double. */
  private static final long EXACT = 1L << 53;

  /** Exponents from which Python prints a float with one. */
  private static final int PLAIN_FROM = -4;

  private static final int PLAIN_BELOW = 16;

  private Numbers() {}

  static Object arithmetic(String operator, Object a, Object b) {
    boolean integers = Types.isInteger(a) && Types.isInteger(b);
    try {
      return integers
          ? integers(operator, Types.integer(a), Types.integer(b))
          : floats(operator, Types.real(a), Types.real(b));
    } catch (ArithmeticException e) {
      throw overflow();
    }
  }

  static Fault overflow() {
    return new Fault("an integer has more than 64 bits");
  }

  private static Object integers(String operator, long a, long b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new Fault("division by zero");
    }
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDivExact(a, b);
      case "%" -> Math.floorMod(a, b);
      case "/" -> quotient(a, b);
      case "**" -> b < 0 ? floats("**", a, b) : (Object) power(a, b);
      default -> throw new AssertionError(operator);
    };
  }

  private static double quotient(long a, long b) {
    if (Math.abs(a) <= EXACT && Math.abs(b) <= EXACT) {
      return (double) a / b;
    }
    return new BigDecimal(a).divide(new BigDecimal(b), MathContext.DECIMAL128).doubleValue();
  }

  private static long power(long base, long exponent) {
    long result = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        result = Math.multiplyExact(result, square);
      }
      if (rest > 1) {
        square = Math.multiplyExact(square, square);
      }
    }
    return result;
  }

  private static Object floats(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new Fault("float division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> floorQuotient(a, b);
      case "%" -> remainder(a, b);
      case "**" -> power(a, b);
      default -> throw new AssertionError(operator);
    };
  }

  private static double remainder(double a, double b) {
    double remainder = a % b;
    if (remainder == 0) {
      return Math.copySign(0, b);
    }
    return b < 0 == remainder < 0 ? remainder : remainder + b;
  }

  private static double floorQuotient(double a, double b) {
    double quotient = (a - remainder(a, b)) / b;
    if (quotient == 0) {
      return Math.copySign(0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  private static double power(double a, double b) {
    if (a == 0 && b < 0) {
      throw new Fault("0.0 cannot be raised to a negative power");
    }
    double power = a == 1 || b == 0 ? 1 : Math.pow(a, b);
    if (Double.isNaN(power) && !Double.isNaN(a) && !Double.isNaN(b)) {
      throw new Fault("complex numbers are not supported");
    }
    if (Double.isInfinite(power) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw new Fault("a float is out of range");
    }
    return power;
  }

  static Object negate(Object value, boolean negative) {
    if (value instanceof Double d) {
      return negative ? -d : d;
    }
    long integer = Types.integer(value);
    if (negative && integer == Long.MIN_VALUE) {
      throw overflow();
    }
    return negative ? -integer : integer;
  }

  /** Below 0, 0 or above; 2 if one is not a number. */
  static int compare(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      double x = Types.real(a);
      double y = Types.real(b);
      if (Double.isNaN(x) || Double.isNaN(y)) {
        return 2;
      }
      if (a instanceof Double && b instanceof Double
          || Double.isInfinite(x)
          || Double.isInfinite(y)) {
        return x < y ? -1 : x > y ? 1 : 0;
      }
      return exact(a).compareTo(exact(b));
    }
    return Long.compare(Types.integer(a), Types.integer(b));
  }

  private static BigDecimal exact(Object value) {
    return value instanceof Double d ? new BigDecimal(d) : new BigDecimal(Types.integer(value));
  }

  static Object integer(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new Fault("a float that is not finite cannot be an integer");
    }
    if (Math.abs(value) >= 0x1p63) {
      throw overflow();
    }
    return (long) value;
  }

  /** As {@code repr} writes it: the fewest digits that give it again. */
  static String text(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    String sign = Math.copySign(1, value) < 0 ? "-" : "";
    if (Double.isInfinite(value)) {
      return sign + "inf";
    }
    if (value == 0) {
      return sign + "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = decimal.unscaledValue().toString();
    int exponent = digits.length() - decimal.scale() - 1;
    if (exponent >= PLAIN_FROM && exponent < PLAIN_BELOW) {
      String plain = decimal.toPlainString();
      return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return sign + digits.charAt(0) + fraction + exponent(exponent);
  }

  /** With a sign and two digits at least. */
  static String exponent(int exponent) {
    int size = Math.abs(exponent);
    return "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
  }
}
