package org.resa4j.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.Locale;

/** Filters that make numbers. */
final class NumberFilters {
  /** Python refuses to read integers of more digits. */
  private static final int MOST_DIGITS = 4300;

  /** No double has more digits before or behind its point. */
  private static final int MOST_PLACES = 1100;

  private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};

  private final Builtins builtins;
  private final Budget budget;
  private final Operators operators;

  NumberFilters(Builtins builtins) {
    this.builtins = builtins;
    budget = builtins.budget;
    operators = builtins.operators;
  }

  Object apply(String name, Object value, Args args) {
    return switch (name) {
      case "abs" -> {
        args.bindPositional(name, 0, 0);
        if (!Types.isNumber(value)) {
          throw new Fault("bad operand type for abs(): '" + Types.name(value) + "'");
        }
        yield value instanceof Double d
            ? (Object) Math.abs(d)
            : Numbers.negate(value, Types.integer(value) < 0);
      }
      case "int" -> integer(value, args.bind(name, 0, "default", "base"));
      case "float" -> {
        Object otherwise = Args.or(args.bind(name, 0, "default")[0], 0.0);
        Double real = real(value);
        yield real == null ? otherwise : real;
      }
      case "round" -> round(value, args.bind(name, 0, "precision", "method"));
      case "sum" -> sum(value, args.bind(name, 0, "attribute", "start"));
      default -> fileSize(value, Operators.truth(Args.or(args.bind(name, 0, "binary")[0], false)));
    };
  }

  private Object integer(Object value, Object[] a) {
    Object otherwise = Args.or(a[0], 0L);
    int base = Types.smallInteger(Args.or(a[1], 10L));
    String text = Types.text(value);
    if (text == null) {
      if (value instanceof Undefined u) {
        throw u.fault();
      }
      if (value instanceof Double d) {
        return d.isNaN() ? otherwise : Numbers.integer(d);
      }
      return Types.isNumber(value) ? (Object) Types.integer(value) : otherwise;
    }
    BigInteger integer = parse(text, base);
    if (integer != null) {
      if (integer.bitLength() > 63) {
        throw Numbers.overflow();
      }
      return integer.longValue();
    }
    // As Jinja2 has it, so that "42.23" is 42.
    Double real = real(value);
    return real == null || real.isNaN() || real.isInfinite() ? otherwise : Numbers.integer(real);
  }

  /** Null for what is not an integer. */
  private BigInteger parse(String text, int base) {
    if (base != 0 && (base < 2 || base > 36)) {
      return null;
    }
    String digits = builtins.strings.strip(text, null, true, true);
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int radix = base;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      int prefix = prefixed(digits.charAt(1));
      if (prefix > 0 && (base == prefix || base == 0)) {
        radix = prefix;
        digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
      } else if (base == 0 && !Strings.all(digits, c -> c == '0' || c == '_')) {
        return null;
      }
    }
    radix = radix == 0 ? 10 : radix;
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < digits.length(); ) {
      int c = digits.codePointAt(i);
      i += Character.charCount(c);
      int digit = Character.digit(c, radix);
      boolean between = c == '_' && !plain.isEmpty() && i < digits.length();
      if (digit < 0 && !(between && digits.charAt(i) != '_')) {
        return null;
      }
      if (digit >= 0) {
        plain.append(Character.forDigit(digit, radix));
      }
    }
    if (plain.isEmpty() || plain.length() > MOST_DIGITS) {
      return null;
    }
    return new BigInteger((negative ? "-" : "") + plain, radix);
  }

  private static int prefixed(char c) {
    return switch (c) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 0;
    };
  }

  /** Null for what is not a number. */
  private Double real(Object value) {
    String text = Types.text(value);
    if (text == null) {
      if (value instanceof Undefined u) {
        throw u.fault();
      }
      return Types.isNumber(value) ? (Double) Types.real(value) : null;
    }
    String number = builtins.strings.strip(text, null, true, true);
    String size = number.startsWith("-") || number.startsWith("+") ? number.substring(1) : number;
    switch (size.toLowerCase(Locale.ROOT)) {
      case "inf", "infinity" -> {
        return number.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      }
      case "nan" -> {
        return Double.NaN;
      }
      default -> {}
    }
    StringBuilder plain = new StringBuilder(number.startsWith("-") ? "-" : "");
    for (int i = 0; i < size.length(); ) {
      int c = size.codePointAt(i);
      int previous = i > 0 ? size.charAt(i - 1) : 0;
      i += Character.charCount(c);
      if (Character.isDigit(c)) {
        plain.append(Character.forDigit(Character.digit(c, 10), 10));
      } else if (c == '_') {
        if (!Character.isDigit(previous)
            || i >= size.length()
            || !Character.isDigit(size.charAt(i))) {
          return null;
        }
      } else if (c < 128 && "+-.eE".indexOf(c) >= 0) {
        plain.append((char) c);
      } else {
        return null;
      }
    }
    try {
      return Double.valueOf(plain.toString());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Object round(Object value, Object[] a) {
    int precision = Types.smallInteger(Args.or(a[0], 0L));
    Object method = Args.or(a[1], "common");
    boolean ceil = "ceil".equals(method);
    if (!ceil && !"floor".equals(method) && !"common".equals(method)) {
      throw new Fault("method must be common, ceil or floor");
    }
    if (!Types.isNumber(value)) {
      throw value instanceof Undefined u
          ? u.fault()
          : new Fault("round needs a number, not '" + Types.name(value) + "'");
    }
    if (!"common".equals(method)) {
      Object power = Numbers.arithmetic("**", 10L, (long) precision);
      double scaled = Types.real(Numbers.arithmetic("*", value, power));
      Object whole = Numbers.integer(ceil ? Math.ceil(scaled) : Math.floor(scaled));
      return Numbers.arithmetic("/", whole, power);
    }
    int places = Math.clamp(precision, -MOST_PLACES, MOST_PLACES);
    if (value instanceof Double d) {
      if (d.isNaN() || d.isInfinite()) {
        return d;
      }
      BigDecimal rounded = new BigDecimal(d).setScale(places, RoundingMode.HALF_EVEN);
      return Math.copySign(rounded.doubleValue(), d);
    }
    BigDecimal whole = new BigDecimal(Types.integer(value));
    BigDecimal rounded = whole.setScale(Math.min(places, 0), RoundingMode.HALF_EVEN);
    if (rounded.toBigInteger().bitLength() > 63) {
      throw Numbers.overflow();
    }
    return rounded.longValue();
  }

  private Object sum(Object value, Object[] a) {
    Object attribute = Args.or(a[0], null);
    Object sum = Args.or(a[1], 0L);
    if (Types.isText(sum)) {
      throw new Fault("sum() can't sum strings [use ''.join(seq) instead]");
    }
    AttributePath path = new AttributePath(attribute, null, builtins.attributes);
    Iterator<Object> items = Sequences.iterator(value, budget);
    while (items.hasNext()) {
      budget.step();
      sum = operators.arithmetic("+", sum, path.get(items.next()));
    }
    return sum;
  }

  private Object fileSize(Object value, boolean binary) {
    Double size = real(value);
    if (size == null) {
      throw new Fault("filesizeformat needs a number");
    }
    int base = binary ? 1024 : 1000;
    if (size == 1) {
      return "1 Byte";
    }
    if (size < base) {
      return Numbers.integer(size) + " Bytes";
    }
    double unit = base;
    int i = 0;
    while (i < UNITS.length - 1 && size >= unit * base) {
      unit *= base;
      i++;
    }
    String number = FormatSpec.real(base * size / (unit * base), 'f', 1, false, budget);
    String name = binary ? UNITS[i].substring(0, 1).toUpperCase(Locale.ROOT) + "iB" : UNITS[i];
    return number + " " + name;
  }
}
