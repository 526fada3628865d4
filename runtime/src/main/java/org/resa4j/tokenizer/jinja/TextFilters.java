package org.resa4j.tokenizer.jinja;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Filters that make text. */
final class TextFilters {
  /** How much longer than asked for a text may be before {@code truncate} cuts it. */
  private static final long LEEWAY = 5;

  private static final String WORD_STARTS = "-({[<";

  private final Builtins builtins;
  private final Budget budget;
  private final Printer printer;
  private final Strings strings;

  TextFilters(Builtins builtins) {
    this.builtins = builtins;
    budget = builtins.budget;
    printer = builtins.printer;
    strings = builtins.strings;
  }

  Object apply(String name, Object value, Args args) {
    return switch (name) {
      case "tojson" -> Json.text(value, args, builtins.operators, budget);
      case "trim" -> {
        Object characters = Args.or(args.bind(name, 0, "chars")[0], null);
        String set = characters == null ? null : string(characters, name);
        yield Sequences.like(value, strings.strip(printer.text(value), set, true, true));
      }
      case "center" -> {
        int width = Types.smallInteger(Args.or(args.bind(name, 0, "width")[0], 80L));
        yield Sequences.like(value, strings.center(printer.text(value), width, " "));
      }
      case "replace" -> replace(printer.text(value), args.bind(name, 2, "old", "new", "count"));
      case "format" -> format(value, args);
      case "indent" -> indent(value, args.bind(name, 0, "width", "first", "blank"));
      case "truncate" ->
          truncate(value, args.bind(name, 0, "length", "killwords", "end", "leeway"));
      default -> {
        args.bindPositional(name, 0, 0);
        yield simple(name, value);
      }
    };
  }

  private Object simple(String name, Object value) {
    String text = name.equals("urlencode") ? "" : printer.text(value);
    return switch (name) {
      case "upper" -> Sequences.like(value, strings.upper(text));
      case "lower" -> Sequences.like(value, strings.lower(text));
      case "capitalize" -> Sequences.like(value, strings.capitalize(text));
      case "title" -> title(text);
      case "string" -> Sequences.like(value, text);
      case "safe" -> new Markup(text);
      case "e", "escape", "forceescape" ->
          value instanceof Markup && !name.equals("forceescape")
              ? value
              : new Markup(Markup.escape(text, budget));
      case "urlencode" -> urlencode(value);
      case "wordcount" -> words(text);
      default -> throw new AssertionError(name);
    };
  }

  private static String string(Object value, String name) {
    String text = Types.text(value);
    if (text == null) {
      throw value instanceof Undefined u
          ? u.fault()
          : new Fault(name + " needs a string, not '" + Types.name(value) + "'");
    }
    return text;
  }

  private String replace(String text, Object[] a) {
    Object count = Args.or(a[2], null);
    long most = count == null ? -1 : Types.integer(count);
    return strings.replace(text, printer.text(a[0]), printer.text(a[1]), most);
  }

  private Object format(Object value, Args args) {
    if (!args.positional().isEmpty() && !args.named().isEmpty()) {
      throw new Fault("format takes positional or named arguments, not both");
    }
    Object values = new Tuple(args.positional());
    if (!args.named().isEmpty()) {
      values = builtins.functions.call("dict", new Args(List.of(), args.named()));
    }
    Object format = value instanceof Markup ? value : printer.text(value);
    return builtins.operators.arithmetic("%", format, values);
  }

  /** Words begin after blanks and opening brackets, unlike those of {@code str.title}. */
  private String title(String text) {
    TextBuilder out = new TextBuilder(budget);
    int i = 0;
    while (i < text.length()) {
      int end = i;
      while (end < text.length() && !startsWord(text.charAt(end))) {
        end++;
      }
      if (end > i) {
        int second = text.offsetByCodePoints(i, 1);
        out.append(text.substring(i, second).toUpperCase(Locale.ROOT));
        out.append(text.substring(second, end).toLowerCase(Locale.ROOT));
      }
      i = end;
      while (i < text.length() && startsWord(text.charAt(i))) {
        out.append(text.charAt(i++));
      }
    }
    return out.toString();
  }

  private static boolean startsWord(char c) {
    return WORD_STARTS.indexOf(c) >= 0 || Characters.isSpace(c);
  }

  private Object indent(Object value, Object[] a) {
    String text = string(value, "indent");
    Object width = Args.or(a[0], 4L);
    String indentation =
        Types.isText(width)
            ? Types.text(width)
            : new TextBuilder(budget).repeat(" ", Types.integer(width)).toString();
    boolean blank = Operators.truth(Args.or(a[2], false));
    TextBuilder out = new TextBuilder(budget);
    boolean first = true;
    // The newline makes an empty text one line.
    for (Object line : strings.lines(text + "\n", false)) {
      if (first) {
        out.append(Operators.truth(Args.or(a[1], false)) ? indentation : "");
      } else {
        out.append('\n').append(blank || !line.equals("") ? indentation : "");
      }
      out.append((String) line);
      first = false;
    }
    return Sequences.like(value, out.toString());
  }

  private Object truncate(Object value, Object[] a) {
    long length = Types.integer(Args.or(a[0], 255L));
    boolean killWords = Operators.truth(Args.or(a[1], false));
    String end = string(Args.or(a[2], "..."), "truncate");
    Object given = Args.or(a[3], null);
    long leeway = given == null ? LEEWAY : Types.integer(given);
    long endLength = end.codePointCount(0, end.length());
    if (length < endLength || leeway < 0) {
      throw new Fault("truncate needs a length of at least " + endLength + " and a leeway above 0");
    }
    if (Sequences.knownLength(value) - leeway <= length) {
      return value;
    }
    String text = string(value, "truncate");
    String cut = (String) Sequences.slice(text, null, length - endLength, null, budget);
    int blank = cut.lastIndexOf(' ');
    return cut.substring(0, killWords || blank < 0 ? cut.length() : blank).concat(end);
  }

  private String urlencode(Object value) {
    boolean pairs = !Types.isText(value) && Sequences.isIterable(value);
    if (!pairs) {
      return quote(printer.text(value), false);
    }
    Iterator<Object> items =
        value instanceof Dict dict
            ? dict.items(budget).iterator()
            : Sequences.iterator(value, budget);
    TextBuilder out = new TextBuilder(budget);
    while (items.hasNext()) {
      List<Object> pair = Sequences.copy(items.next(), budget);
      if (pair.size() != 2) {
        throw new Fault("urlencode needs pairs");
      }
      out.append(out.length() > 0 ? "&" : "");
      out.append(quote(printer.text(pair.get(0)), true)).append('=');
      out.append(quote(printer.text(pair.get(1)), true));
    }
    return out.toString();
  }

  private String quote(String text, boolean query) {
    TextBuilder out = new TextBuilder(budget);
    budget.allocate(2L * text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0);
      if (plain || c == '/' && !query) {
        out.append(c);
      } else if (c == ' ' && query) {
        out.append('+');
      } else {
        out.append("%%%02X".formatted((int) c));
      }
    }
    return out.toString();
  }

  private static long words(String text) {
    long words = 0;
    boolean within = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean part = c == '_' || Characters.isAlphanumeric(c);
      words += part && !within ? 1 : 0;
      within = part;
    }
    return words;
  }
}
