package org.resa4j.tokenizer.jinja;

/** Python's {@code str.format}, with attributes and items looked up as a template does. */
final class BraceFormat {
  /** A format may have fields in its own, and these no more. */
  private static final int DEPTH = 2;

  private final Args args;
  private final Printer printer;
  private final Attributes attributes;
  private final Strings strings;
  private final Budget budget;

  /** The next field without a name; -1 once one had a number. */
  private int next;

  BraceFormat(Args args, Printer printer, Attributes attributes, Strings strings, Budget budget) {
    this.args = args;
    this.printer = printer;
    this.attributes = attributes;
    this.strings = strings;
    this.budget = budget;
  }

  String apply(String format) {
    return apply(format, DEPTH);
  }

  private String apply(String format, int depth) {
    if (depth == 0) {
      throw new Fault("Max string recursion exceeded");
    }
    TextBuilder out = new TextBuilder(budget);
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      if (c != '{' && c != '}') {
        out.append(c);
        i++;
      } else if (i + 1 < format.length() && format.charAt(i + 1) == c) {
        out.append(c);
        i += 2;
      } else if (c == '}') {
        throw new Fault("Single '}' encountered in format string");
      } else {
        int end = end(format, i + 1);
        out.append(field(format.substring(i + 1, end), depth));
        i = end + 1;
      }
    }
    return out.toString();
  }

  private static int end(String format, int start) {
    int open = 1;
    boolean index = false;
    for (int i = start; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c == '[') {
        index = true;
      } else if (c == ']') {
        index = false;
      } else if (!index) {
        open += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (open == 0) {
          return i;
        }
      }
    }
    throw new Fault("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int end = nameEnd(field);
    String rest = field.substring(end);
    Object value = value(field.substring(0, end));
    String spec = "";
    if (rest.startsWith("!")) {
      boolean known = rest.length() > 1 && "sra".indexOf(rest.charAt(1)) >= 0;
      if (!known || rest.length() > 2 && rest.charAt(2) != ':') {
        throw new Fault("unknown conversion in a format string");
      }
      value = converted(value, rest.charAt(1));
      rest = rest.substring(2);
    }
    if (rest.startsWith(":")) {
      spec = rest.substring(1);
      spec = depth == 1 && spec.indexOf('{') < 0 ? spec : apply(spec, depth - 1);
    }
    return formatted(value, spec);
  }

  private static int nameEnd(String field) {
    boolean index = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      index = c == '[' || index && c != ']';
      if (!index && (c == ':' || c == '!')) {
        return i;
      }
      if (c == '{') {
        throw new Fault("unexpected '{' in field name");
      }
    }
    return field.length();
  }

  private Object converted(Object value, char conversion) {
    if (conversion == 's') {
      return printer.text(value);
    }
    if (conversion == 'a') {
      throw new Fault("the conversion !a is not supported");
    }
    return printer.repr(value);
  }

  private Object value(String name) {
    int i = 0;
    while (i < name.length() && name.charAt(i) != '.' && name.charAt(i) != '[') {
      i++;
    }
    if (i == 0 && !name.isEmpty()) {
      throw new Fault("a format field has an attribute of nothing");
    }
    Object value = first(name.substring(0, i));
    while (i < name.length()) {
      int start = i + 1;
      if (name.charAt(i) == '.') {
        i = start;
        while (i < name.length() && name.charAt(i) != '.' && name.charAt(i) != '[') {
          i++;
        }
        value = attributes.attribute(value, key(name, start, i));
      } else if (name.charAt(i) == '[') {
        i = name.indexOf(']', start);
        if (i < 0) {
          throw new Fault("Missing ']' in format string");
        }
        String key = key(name, start, i++);
        value = attributes.item(value, isIndex(key) ? (Object) Long.valueOf(key) : key);
      } else {
        throw new Fault("Only '.' or '[' may follow ']' in format field specifier");
      }
    }
    return value;
  }

  private static String key(String name, int start, int end) {
    if (start == end) {
      throw new Fault("Empty attribute in format string");
    }
    return name.substring(start, end);
  }

  private static boolean isIndex(String key) {
    return key.length() < 18 && Strings.all(key, c -> c >= '0' && c <= '9');
  }

  private Object first(String name) {
    boolean numbered = isIndex(name);
    if (name.isEmpty() || numbered) {
      if (numbered ? next > 0 : next < 0) {
        throw new Fault("a format string numbers some of its fields and some not");
      }
      long index = numbered ? Long.parseLong(name) : next++;
      next = numbered ? -1 : next;
      if (index >= args.positional().size()) {
        throw new Fault("Replacement index " + index + " out of range for positional args tuple");
      }
      return args.positional().get((int) index);
    }
    if (!args.named().containsKey(name)) {
      throw new Fault("the format needs the argument '" + name + "'");
    }
    return args.named().get(name);
  }

  private String formatted(Object value, String spec) {
    if (spec.isEmpty()) {
      return printer.text(value);
    }
    if (!Types.isText(value) && !Types.isNumber(value)) {
      throw new Fault("unsupported format string passed to " + Types.name(value));
    }
    return new Field(spec).apply(value);
  }

  /** The format of one field: [[fill]align][sign][#][0][width][grouping][.precision][type]. */
  private final class Field {
    private final String spec;
    private int position;
    private String fill = " ";
    private char align;
    private char sign = '-';
    private boolean alternate;
    private boolean zeros;
    private long width;
    private String grouping = "";
    private int precision = -1;
    private char type;

    Field(String spec) {
      this.spec = spec;
      int first = Character.charCount(spec.codePointAt(0));
      if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
        fill = spec.substring(0, first);
        align = spec.charAt(first);
        position = first + 1;
      } else if (at("<>=^")) {
        align = spec.charAt(position++);
      }
      if (at("+- ")) {
        sign = spec.charAt(position++);
      }
      alternate = skip('#');
      zeros = skip('0');
      width = number(0);
      if (at(",_")) {
        grouping = spec.substring(position, ++position);
      }
      if (skip('.')) {
        precision = (int) number(-1);
        if (precision < 0) {
          throw new Fault("Format specifier missing precision");
        }
      }
      if (position < spec.length()) {
        type = spec.charAt(position++);
      }
      if (position < spec.length()) {
        throw new Fault("Invalid format specifier '" + spec + "'");
      }
      if (zeros && align == 0) {
        fill = "0";
        align = '=';
      }
    }

    private boolean at(String characters) {
      return position < spec.length() && characters.indexOf(spec.charAt(position)) >= 0;
    }

    private boolean skip(char c) {
      boolean found = at(String.valueOf(c));
      position += found ? 1 : 0;
      return found;
    }

    private long number(long otherwise) {
      long number = otherwise;
      while (at("0123456789")) {
        number =
            Math.min(Math.max(number, 0) * 10 + spec.charAt(position++) - '0', Integer.MAX_VALUE);
      }
      return number;
    }

    String apply(Object value) {
      String text = Types.text(value);
      if (text != null) {
        return string(text);
      }
      boolean real = value instanceof Double || "eEfFgG%".indexOf(type) >= 0 && type != 0;
      if (value instanceof Boolean && type == 0) {
        type = 'd';
      }
      return real ? real(Types.real(value)) : integer(Types.integer(value));
    }

    private Fault unknown(String of) {
      return new Fault("Unknown format code '" + type + "' for object of type '" + of + "'");
    }

    private String string(String text) {
      if (type != 0 && type != 's') {
        throw unknown("str");
      }
      if (sign != '-' || alternate || !grouping.isEmpty() || align == '=' && !zeros) {
        throw new Fault("Invalid format specifier '" + spec + "' for a string");
      }
      if (align == '=') {
        align = '<';
      }
      String cut =
          precision < 0
              ? text
              : (String) Sequences.slice(text, null, (long) precision, null, budget);
      return aligned("", cut, '<');
    }

    private String integer(long value) {
      if (type != 0 && "dxXobcn".indexOf(type) < 0) {
        throw unknown("int");
      }
      if (precision >= 0) {
        throw new Fault("Precision not allowed in integer format specifier");
      }
      if (type == 'c') {
        if (value < 0 || value > Character.MAX_CODE_POINT || sign != '-' || alternate) {
          throw new Fault("a character cannot be made of " + value);
        }
        return aligned("", Character.toString((int) value), '<');
      }
      boolean decimal = type == 0 || type == 'd' || type == 'n';
      if (!grouping.isEmpty() && (type == 'n' || grouping.equals(",") && !decimal)) {
        throw new Fault("Cannot specify '" + grouping + "' with '" + type + "'");
      }
      String prefix = alternate && !decimal ? "0" + type : "";
      String digits = FormatSpec.integer(value, decimal ? 'd' : type);
      return number(sign(value < 0) + prefix, digits, "", decimal ? 3 : 4);
    }

    private String real(double value) {
      if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
        throw unknown("float");
      }
      double size = type == '%' ? value * 100 : value;
      String text;
      if (type == 0 && precision < 0) {
        text = Numbers.text(Math.abs(size));
      } else if (type == 0) {
        text = general(Math.abs(size));
      } else {
        char as = type == '%' ? 'f' : type == 'n' ? 'g' : type;
        text = FormatSpec.real(size, as, precision < 0 ? 6 : precision, alternate, budget);
      }
      text += type == '%' ? "%" : "";
      int whole = 0;
      while (whole < text.length() && Character.isDigit(text.charAt(whole))) {
        whole++;
      }
      boolean negative = Math.copySign(1, value) < 0 && !Double.isNaN(value);
      return number(sign(negative), text.substring(0, whole), text.substring(whole), 3);
    }

    /** Without a type: like g, but a float shows as one. */
    private String general(double size) {
      String text = FormatSpec.real(size, 'g', precision, alternate, budget);
      boolean plain = text.indexOf('.') < 0 && text.indexOf('e') < 0 && Double.isFinite(size);
      if (plain && text.length() >= Math.max(precision, 1)) {
        return FormatSpec.real(size, 'e', Math.max(precision, 1) - 1, alternate, budget);
      }
      return plain ? text + ".0" : text;
    }

    private String sign(boolean negative) {
      return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    }

    private String number(String sign, String digits, String rest, int group) {
      String whole = digits;
      if (!grouping.isEmpty()) {
        if (fill.equals("0") && align == '=') {
          // Zeros that fill are grouped too.
          long room = width - sign.length() - rest.length();
          long needed = (room * group + group) / (group + 1);
          whole = strings.padded(digits, Math.max(0, needed - digits.length()), 0, "0");
        }
        whole = grouped(whole, group);
      }
      return aligned(sign, whole + rest, '>');
    }

    private String grouped(String digits, int group) {
      TextBuilder out = new TextBuilder(budget);
      for (int i = 0; i < digits.length(); i++) {
        if (i > 0 && (digits.length() - i) % group == 0) {
          out.append(grouping);
        }
        out.append(digits.charAt(i));
      }
      return out.toString();
    }

    private String aligned(String sign, String text, char otherwise) {
      long room = Math.max(0, width - sign.length() - text.codePointCount(0, text.length()));
      return switch (align == 0 ? otherwise : align) {
        case '<' -> strings.padded(sign + text, 0, room, fill);
        case '^' -> strings.padded(sign + text, room / 2, room - room / 2, fill);
        case '=' -> sign + strings.padded(text, room, 0, fill);
        default -> strings.padded(sign + text, room, 0, fill);
      };
    }
  }
}
