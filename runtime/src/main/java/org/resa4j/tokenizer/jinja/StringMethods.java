package org.resa4j.tokenizer.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The methods of strings. */
final class StringMethods {
  private static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "upper",
          "zfill");

  private static final Set<String> REFUSED =
      Set.of("encode", "isidentifier", "maketrans", "translate");

  /** Those whose result is marked as safe as its target is, and that have nothing to escape. */
  private static final Set<String> SAFE =
      Set.of("capitalize", "casefold", "lower", "swapcase", "title", "upper");

  private final Budget budget;
  private final Printer printer;
  private final Strings strings;
  private final Attributes attributes;

  StringMethods(Budget budget, Printer printer, Strings strings, Attributes attributes) {
    this.budget = budget;
    this.printer = printer;
    this.strings = strings;
    this.attributes = attributes;
  }

  static boolean has(String name) {
    return NAMES.contains(name);
  }

  static boolean refuses(String name) {
    return REFUSED.contains(name);
  }

  Object call(Object target, String name, Args args) {
    String text = Types.text(target);
    if (target instanceof Markup) {
      boolean plain = name.startsWith("is") || name.endsWith("with");
      if (!plain && !SAFE.contains(name)) {
        throw new Fault("str." + name + " of a string that is marked as safe is not supported");
      }
    }
    Object result = call(text, name, args);
    return result instanceof String s ? Sequences.like(target, s) : result;
  }

  private Object call(String text, String name, Args args) {
    return switch (name) {
      case "format" -> new BraceFormat(args, printer, attributes, strings, budget).apply(text);
      case "format_map" -> formatMap(text, args);
      case "split", "rsplit" -> split(text, name, args);
      case "splitlines" ->
          strings.lines(text, Operators.truth(Args.or(args.bind(name, 0, "keepends")[0], false)));
      case "expandtabs" ->
          strings.expandTabs(
              text, Types.smallInteger(Args.or(args.bind(name, 0, "tabsize")[0], 8L)));
      case "strip", "lstrip", "rstrip" -> {
        Object characters = Args.or(args.bindPositional(name, 0, 1)[0], null);
        yield strings.strip(
            text,
            characters == null ? null : string(characters, name),
            !name.equals("rstrip"),
            !name.equals("lstrip"));
      }
      case "startswith", "endswith" -> affix(text, name, args.bindPositional(name, 1, 3));
      case "find", "rfind", "index", "rindex" -> find(text, name, args.bindPositional(name, 1, 3));
      case "count" -> {
        Object[] a = args.bindPositional(name, 1, 3);
        String within = within(text, a[1], a[2]);
        String part = string(a[0], name);
        yield within == null ? 0L : strings.count(within, part);
      }
      case "replace" -> {
        Object[] a = args.bindPositional(name, 2, 3);
        long most = Types.integer(Args.or(a[2], -1L));
        yield strings.replace(text, string(a[0], name), string(a[1], name), most);
      }
      case "join" -> join(text, args.bindPositional(name, 1, 1)[0]);
      case "partition", "rpartition" ->
          partition(text, string(args.bindPositional(name, 1, 1)[0], name), name);
      case "removeprefix" -> {
        String affix = string(args.bindPositional(name, 1, 1)[0], name);
        yield text.startsWith(affix) ? text.substring(affix.length()) : text;
      }
      case "removesuffix" -> {
        String affix = string(args.bindPositional(name, 1, 1)[0], name);
        yield text.endsWith(affix) ? text.substring(0, text.length() - affix.length()) : text;
      }
      case "center", "ljust", "rjust" -> {
        Object[] a = args.bindPositional(name, 1, 2);
        long width = Types.smallInteger(a[0]);
        String fill = string(Args.or(a[1], " "), name);
        strings.padded("", 0, 0, fill);
        yield name.equals("center")
            ? strings.center(text, width, fill)
            : strings.justify(text, width, fill, name.equals("ljust"));
      }
      case "zfill" -> strings.zfill(text, Types.smallInteger(args.bindPositional(name, 1, 1)[0]));
      default -> {
        args.bindPositional(name, 0, 0);
        yield simple(text, name);
      }
    };
  }

  private Object simple(String text, String name) {
    return switch (name) {
      case "upper" -> strings.upper(text);
      case "lower" -> strings.lower(text);
      case "casefold" -> strings.casefold(text);
      case "swapcase" -> strings.swapcase(text);
      case "capitalize" -> strings.capitalize(text);
      case "title" -> strings.title(text);
      case "isalnum" -> Strings.all(text, Characters::isAlphanumeric);
      case "isalpha" -> Strings.all(text, Character::isLetter);
      case "isascii" -> text.isEmpty() || Strings.all(text, c -> c < 128);
      case "isdecimal" -> Strings.all(text, Characters::isDecimal);
      case "isdigit" -> Strings.all(text, Characters::isDigit);
      case "isnumeric" -> Strings.all(text, Characters::isNumeric);
      case "isprintable" -> text.isEmpty() || Strings.all(text, Characters::isPrintable);
      case "isspace" -> Strings.all(text, Characters::isSpace);
      case "istitle" -> Strings.isTitle(text);
      case "isupper" -> Strings.hasCase(text, true);
      case "islower" -> Strings.hasCase(text, false);
      default -> throw new AssertionError(name);
    };
  }

  private static String string(Object value, String name) {
    String text = Types.text(value);
    if (text == null) {
      throw value instanceof Undefined u
          ? u.fault()
          : new Fault("str." + name + " needs a string, not '" + Types.name(value) + "'");
    }
    return text;
  }

  private Object formatMap(String text, Args args) {
    if (!(args.bindPositional("format_map", 1, 1)[0] instanceof Dict dict)) {
      throw new Fault("str.format_map needs a dict");
    }
    Args named = new Args(List.of(), Functions.names(dict));
    return new BraceFormat(named, printer, attributes, strings, budget).apply(text);
  }

  private Object split(String text, String name, Args args) {
    Object[] a = args.bind(name, 0, "sep", "maxsplit");
    Object separator = Args.or(a[0], null);
    long most = Types.integer(Args.or(a[1], -1L));
    String by = separator == null ? null : string(separator, name);
    return name.equals("split") ? strings.split(text, by, most) : strings.rsplit(text, by, most);
  }

  /** Null if the start is behind the end of the string. */
  private String within(String text, Object start, Object end) {
    if (start == Args.ABSENT && end == Args.ABSENT) {
      return text;
    }
    Long from = start == Args.ABSENT || start == null ? null : (Long) Types.integer(start);
    Long to = end == Args.ABSENT || end == null ? null : (Long) Types.integer(end);
    if (from != null && from > text.codePointCount(0, text.length())) {
      return null;
    }
    return (String) Sequences.slice(text, from, to, null, budget);
  }

  private Object affix(String text, String name, Object[] a) {
    String within = within(text, a[1], a[2]);
    if (a[0] instanceof Tuple affixes) {
      for (Object affix : affixes.items()) {
        if (affix(within, string(affix, name), name)) {
          return true;
        }
      }
      return false;
    }
    return affix(within, string(a[0], name), name);
  }

  private static boolean affix(String text, String affix, String name) {
    return text != null
        && (name.equals("startswith") ? text.startsWith(affix) : text.endsWith(affix));
  }

  private Object find(String text, String name, Object[] a) {
    String part = string(a[0], name);
    String within = within(text, a[1], a[2]);
    int found = -1;
    if (within != null) {
      found =
          name.startsWith("r")
              ? Search.last(within, part, within.length() - part.length(), budget)
              : Search.first(within, part, 0, budget);
    }
    if (found < 0) {
      if (name.endsWith("index")) {
        throw new Fault("substring not found");
      }
      return -1L;
    }
    long length = text.codePointCount(0, text.length());
    long before = 0;
    if (a[1] != Args.ABSENT && a[1] != null) {
      long start = Types.integer(a[1]);
      before = start < 0 ? Math.max(0, start + length) : start;
    }
    return before + within.codePointCount(0, found);
  }

  private Object join(String separator, Object values) {
    TextBuilder out = new TextBuilder(budget);
    Iterator<Object> items = Sequences.iterator(values, budget);
    boolean first = true;
    while (items.hasNext()) {
      budget.step();
      String item = string(items.next(), "join");
      if (!first) {
        out.append(separator);
      }
      out.append(item);
      first = false;
    }
    return out.toString();
  }

  private Object partition(String text, String separator, String name) {
    if (separator.isEmpty()) {
      throw new Fault("empty separator");
    }
    boolean right = name.equals("rpartition");
    int found =
        right
            ? Search.last(text, separator, text.length() - separator.length(), budget)
            : Search.first(text, separator, 0, budget);
    budget.text(text.length());
    if (found < 0) {
      return right ? Sequences.tuple("", "", text) : Sequences.tuple(text, "", "");
    }
    return Sequences.tuple(
        text.substring(0, found), separator, text.substring(found + separator.length()));
  }
}
