package org.resa4j.tokenizer.jinja;

import java.util.Collections;
import java.util.List;

/** Python's {@code format % values}. */
final class PercentFormat {
  private static final String FLAGS = "#0- +";

  private final String format;
  private final Printer printer;
  private final Budget budget;
  private final TextBuilder out;
  private int position;

  /** What is formatted: the items of a tuple, or one value. */
  private List<Object> values;

  /** How many were used. */
  private int used;

  private Object mapping;

  PercentFormat(String format, Printer printer, Budget budget) {
    this.format = format;
    this.printer = printer;
    this.budget = budget;
    this.out = new TextBuilder(budget);
  }

  String apply(Object given) {
    values = given instanceof Tuple tuple ? tuple.items() : Collections.singletonList(given);
    // Whatever has items may be one, and need not be used.
    boolean subscriptable =
        given instanceof Dict
            || given instanceof List
            || given instanceof Undefined
            || given instanceof Range;
    mapping = subscriptable ? given : null;
    while (position < format.length()) {
      int percent = format.indexOf('%', position);
      int end = percent < 0 ? format.length() : percent;
      out.append(format, position, end);
      position = end;
      if (percent >= 0) {
        position++;
        conversion();
      }
    }
    if (used < values.size() && !subscriptable) {
      throw new Fault("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private char at() {
    if (position >= format.length()) {
      throw new Fault("incomplete format");
    }
    return format.charAt(position);
  }

  private Object value() {
    if (used >= values.size()) {
      throw new Fault("not enough arguments for format string");
    }
    return values.get(used++);
  }

  private void conversion() {
    Object keyed = Args.ABSENT;
    if (at() == '(') {
      keyed = keyed();
    }
    String flags = "";
    while (FLAGS.indexOf(at()) >= 0) {
      flags += format.charAt(position++);
      if (flags.length() > FLAGS.length() * 2) {
        flags = flags.substring(FLAGS.length());
      }
    }
    long width = size(0);
    if (width < 0) {
      flags += "-";
      width = -width;
    }
    int precision = -1;
    if (at() == '.') {
      position++;
      precision = Math.max(0, (int) size(0));
    }
    while ("hlL".indexOf(at()) >= 0) {
      position++;
    }
    int type = format.codePointAt(position);
    position += Character.charCount(type);
    if (type == '%') {
      out.append('%');
      return;
    }
    Object value = keyed == Args.ABSENT ? value() : keyed;
    write(value, (char) type, flags, width, precision);
  }

  private Object keyed() {
    int start = ++position;
    int open = 1;
    while (open > 0) {
      char c = at();
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      position++;
    }
    String key = format.substring(start, position - 1);
    if (!(mapping instanceof Dict dict)) {
      throw new Fault("format requires a mapping");
    }
    Dict.Entry entry = dict.find(key, budget);
    if (entry == null) {
      throw new Fault("the format needs the key '" + key + "'");
    }
    used = values.size();
    return entry.value();
  }

  /** A width or precision, or the value that a star takes it from. */
  private long size(long otherwise) {
    if (at() == '*') {
      position++;
      Object value = value();
      if (!Types.isInteger(value)) {
        throw new Fault("* wants int");
      }
      return Types.smallInteger(value);
    }
    long size = otherwise;
    while (at() >= '0' && at() <= '9') {
      size = Math.min(size * 10 + format.charAt(position++) - '0', Integer.MAX_VALUE);
    }
    return size;
  }

  private void write(Object value, char type, String flags, long width, int precision) {
    switch (type) {
      case 's' -> pad("", cut(printer.text(value), precision), false, flags, width);
      case 'r' -> pad("", cut(printer.repr(value), precision), false, flags, width);
      case 'c' -> pad("", character(value), false, flags, width);
      case 'd', 'i', 'u' -> integer(whole(value), 'd', flags, width, precision);
      case 'x', 'X', 'o' -> {
        if (!Types.isInteger(value)) {
          throw new Fault("%" + type + " format: an integer is required");
        }
        integer(Types.integer(value), type, flags, width, precision);
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        if (!Types.isNumber(value)) {
          throw new Fault("must be real number, not " + Types.name(value));
        }
        double real = Types.real(value);
        int digits = precision < 0 ? 6 : precision;
        String text = FormatSpec.real(real, type, digits, flags.indexOf('#') >= 0, budget);
        pad(
            sign(Math.copySign(1, real) < 0 && !Double.isNaN(real), flags),
            text,
            true,
            flags,
            width);
      }
      default -> throw new Fault("unsupported format character '" + type + "'");
    }
  }

  private String cut(String text, int precision) {
    return precision < 0
        ? text
        : (String) Sequences.slice(text, null, (long) precision, null, budget);
  }

  private static String character(Object value) {
    String text = Types.text(value);
    if (text != null && text.codePointCount(0, text.length()) == 1) {
      return text;
    }
    if (Types.isInteger(value)) {
      long c = Types.integer(value);
      if (c >= 0 && c <= Character.MAX_CODE_POINT) {
        return Character.toString((int) c);
      }
    }
    throw new Fault("%c requires int or char");
  }

  private static long whole(Object value) {
    if (value instanceof Double d) {
      return (Long) Numbers.integer(d);
    }
    if (!Types.isInteger(value)) {
      throw new Fault("%d format: a real number is required, not " + Types.name(value));
    }
    return Types.integer(value);
  }

  private void integer(long value, char type, String flags, long width, int precision) {
    String digits = FormatSpec.integer(value, type);
    if (precision > digits.length()) {
      digits = new Strings(budget).padded(digits, (long) precision - digits.length(), 0, "0");
    }
    String prefix = flags.indexOf('#') >= 0 && type != 'd' ? "0" + type : "";
    pad(sign(value < 0, flags) + prefix, digits, true, flags, width);
  }

  private static String sign(boolean negative, String flags) {
    return negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
  }

  private void pad(String sign, String text, boolean number, String flags, long width) {
    long room = width - sign.length() - text.codePointCount(0, text.length());
    boolean left = flags.indexOf('-') >= 0;
    boolean zeros = number && !left && flags.indexOf('0') >= 0;
    out.repeat(" ", left || zeros ? 0 : room).append(sign).repeat("0", zeros ? room : 0);
    out.append(text).repeat(" ", left ? room : 0);
  }
}
