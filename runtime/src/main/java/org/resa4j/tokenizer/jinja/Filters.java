package org.resa4j.tokenizer.jinja;

import java.util.Set;

/** Jinja2's filters: each by its name, to the class that has it. */
final class Filters {
  private static final Set<String> TEXT =
      Set.of(
          "capitalize",
          "center",
          "e",
          "escape",
          "forceescape",
          "format",
          "indent",
          "lower",
          "replace",
          "safe",
          "string",
          "title",
          "tojson",
          "trim",
          "truncate",
          "upper",
          "urlencode",
          "wordcount");
  private static final Set<String> NUMBERS =
      Set.of("abs", "filesizeformat", "float", "int", "round", "sum");
  private static final Set<String> SEQUENCES =
      Set.of(
          "batch",
          "count",
          "first",
          "items",
          "join",
          "last",
          "length",
          "list",
          "map",
          "reject",
          "rejectattr",
          "reverse",
          "select",
          "selectattr",
          "slice");
  private static final Set<String> ORDER =
      Set.of("dictsort", "groupby", "max", "min", "sort", "unique");
  private static final Set<String> VALUES = Set.of("attr", "d", "default");

  /** Those of Jinja2 that no chat template needs, or that give another text each time. */
  private static final Set<String> REFUSED =
      Set.of("pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr");

  private final Attributes attributes;
  private final TextFilters text;
  private final NumberFilters numbers;
  private final SequenceFilters sequences;
  private final OrderFilters order;

  Filters(Builtins builtins) {
    attributes = builtins.attributes;
    text = new TextFilters(builtins);
    numbers = new NumberFilters(builtins);
    sequences = new SequenceFilters(builtins);
    order = new OrderFilters(builtins);
  }

  static boolean isKnown(String name) {
    return TEXT.contains(name)
        || NUMBERS.contains(name)
        || SEQUENCES.contains(name)
        || ORDER.contains(name)
        || VALUES.contains(name);
  }

  static String unknown(String name) {
    return REFUSED.contains(name)
        ? "the filter '" + name + "' is not supported"
        : "no filter named '" + name + "'";
  }

  Object apply(String name, Object value, Args args) {
    if (TEXT.contains(name)) {
      return text.apply(name, value, args);
    }
    if (SEQUENCES.contains(name)) {
      return sequences.apply(name, value, args);
    }
    if (NUMBERS.contains(name)) {
      return numbers.apply(name, value, args);
    }
    if (ORDER.contains(name)) {
      return order.apply(name, value, args);
    }
    return switch (name) {
      case "d", "default" -> {
        Object[] a = args.bind(name, 0, "default_value", "boolean");
        boolean absent =
            value instanceof Undefined
                || Operators.truth(Args.or(a[1], false)) && !Operators.truth(value);
        yield absent ? Args.or(a[0], "") : value;
      }
      case "attr" -> {
        String attribute = Types.text(args.bind(name, 1, "name")[0]);
        if (attribute == null) {
          throw new Fault("attribute name must be string");
        }
        if (value instanceof Undefined u) {
          throw u.fault();
        }
        Object own = attributes.own(value, attribute);
        yield own == Args.ABSENT ? Undefined.attribute(value, attribute) : own;
      }
      default -> throw new Fault(unknown(name));
    };
  }
}
