package org.resa4j.tokenizer.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.resa4j.error.InputException;

/** The functions that every template has. */
final class Functions {
  private static final Set<String> NAMES =
      Set.of(
          "cycler",
          "dict",
          "joiner",
          "lipsum",
          "namespace",
          "raise_exception",
          "range",
          "strftime_now");

  private final Budget budget;
  private final Printer printer;
  private final Clock clock;

  Functions(Budget budget, Printer printer, Clock clock) {
    this.budget = budget;
    this.printer = printer;
    this.clock = clock;
  }

  static boolean has(String name) {
    return NAMES.contains(name);
  }

  Object call(String name, Args args) {
    return switch (name) {
      case "range" -> range(args);
      case "dict" -> dict(name, args);
      case "namespace" -> new Namespace(dict(name, args));
      case "joiner" -> new Joiner(Args.or(args.bind(name, 0, "sep")[0], ", "));
      case "cycler" -> {
        args.bindPositional(name, 0, args.positional().size());
        yield new Cycler(args.positional());
      }
      case "raise_exception" ->
          throw new InputException(printer.text(args.bind(name, 1, "message")[0]));
      case "strftime_now" -> {
        String format = Types.text(args.bind(name, 1, "format")[0]);
        if (format == null) {
          throw new Fault("strftime_now needs a string");
        }
        // Time zones take longer to load than a template to render.
        Clock local = clock == null ? Clock.systemDefaultZone() : clock;
        yield new DateFormat(format, budget).apply(LocalDateTime.now(local));
      }
      default -> throw new Fault("the function '" + name + "' is not supported");
    };
  }

  private static Range range(Args args) {
    Object[] a = args.bindPositional("range", 1, 3);
    long first = Types.integer(a[0]);
    if (a[1] == Args.ABSENT) {
      return Range.of(0, first, 1);
    }
    return Range.of(first, Types.integer(a[1]), Types.integer(Args.or(a[2], 1L)));
  }

  /** From a dict or pairs, and named arguments. */
  private Dict dict(String name, Args args) {
    if (args.positional().size() > 1) {
      throw new Fault(name + " takes at most 1 positional argument");
    }
    Dict dict = new Dict();
    if (!args.positional().isEmpty()) {
      Object from = args.positional().getFirst();
      if (from instanceof Undefined u) {
        throw u.fault();
      }
      if (from instanceof Dict other) {
        dict = other.copy(budget);
      } else {
        Iterator<Object> pairs = Sequences.iterator(from, budget);
        while (pairs.hasNext()) {
          List<Object> pair = Sequences.copy(pairs.next(), budget);
          if (pair.size() != 2) {
            throw new Fault("a dict is made of pairs, not of " + pair.size() + " items");
          }
          dict.put(pair.get(0), pair.get(1), budget);
        }
      }
    }
    for (Map.Entry<String, Object> entry : args.named().entrySet()) {
      dict.put(entry.getKey(), entry.getValue(), budget);
    }
    return dict;
  }

  /** A dict's entries as named arguments. */
  static Map<String, Object> names(Dict dict) {
    Map<String, Object> names = new LinkedHashMap<>();
    for (Dict.Entry entry : dict.entries()) {
      String name = Types.text(entry.key());
      if (name == null) {
        throw new Fault("keywords must be strings");
      }
      names.put(name, entry.value());
    }
    return names;
  }
}
