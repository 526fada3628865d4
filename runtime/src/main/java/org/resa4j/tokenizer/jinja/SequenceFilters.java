package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters that go through items; many only when their own items are asked for. */
final class SequenceFilters {
  private final Builtins builtins;
  private final Budget budget;

  SequenceFilters(Builtins builtins) {
    this.builtins = builtins;
    this.budget = builtins.budget;
  }

  Object apply(String name, Object value, Args args) {
    return switch (name) {
      case "join" -> join(value, args.bind(name, 0, "d", "attribute"));
      case "batch" -> batch(value, args.bind(name, 1, "linecount", "fill_with"));
      case "slice" -> slice(value, args.bind(name, 1, "slices", "fill_with"));
      case "map" -> map(value, args);
      case "select", "reject", "selectattr", "rejectattr" -> select(name, value, args);
      default -> {
        args.bindPositional(name, 0, 0);
        yield simple(name, value);
      }
    };
  }

  private Object simple(String name, Object value) {
    return switch (name) {
      case "count", "length" -> Sequences.knownLength(value);
      case "list" -> Sequences.copy(value, budget);
      case "first" -> first(Sequences.iterator(value, budget), "first");
      case "last" -> first(backwards(value), "last");
      case "reverse" -> {
        String text = Types.text(value);
        if (text != null) {
          yield Sequences.slice(value, null, null, -1L, budget);
        }
        if (value instanceof Generator generator) {
          List<Object> items = Sequences.copy(generator.items(), budget);
          Collections.reverse(items);
          yield items;
        }
        yield new Generator(backwards(value));
      }
      case "items" -> items(value);
      default -> throw new AssertionError(name);
    };
  }

  private static Object first(Iterator<Object> items, String which) {
    return items.hasNext()
        ? items.next()
        : new Undefined("No " + which + " item, sequence was empty.");
  }

  private Iterator<Object> backwards(Object value) {
    List<Object> items = Sequences.items(value);
    if (items != null) {
      return Sequences.backwards(items);
    }
    if (value instanceof Generator) {
      throw new Fault("'generator' object is not reversible");
    }
    return Sequences.backwards(Sequences.copy(value, budget));
  }

  private Object items(Object value) {
    if (value instanceof Undefined) {
      return new Generator(Collections.emptyIterator());
    }
    if (!(value instanceof Dict dict)) {
      // Jinja2 fails when the items are asked for, so one that is not used does not.
      return failing("Can only get item pairs from a mapping.");
    }
    return new Generator(dict.items(budget).iterator());
  }

  private Generator failing(String message) {
    return new Generator(
        new Lazy(budget) {
          @Override
          Object advance() {
            throw new Fault(message);
          }
        });
  }

  private String join(Object value, Object[] a) {
    String separator = builtins.printer.text(Args.or(a[0], ""));
    AttributePath path = new AttributePath(Args.or(a[1], null), null, builtins.attributes);
    TextBuilder out = new TextBuilder(budget);
    Iterator<Object> items = Sequences.iterator(value, budget);
    boolean first = true;
    while (items.hasNext()) {
      budget.step();
      if (!first) {
        out.append(separator);
      }
      out.append(builtins.printer.text(path.get(items.next())));
      first = false;
    }
    return out.toString();
  }

  private Object batch(Object value, Object[] a) {
    Object count = a[0];
    Object fill = Args.or(a[1], null);
    return new Generator(
        new Lazy(budget) {
          private Iterator<Object> items;

          @Override
          Object advance() {
            items = items == null ? Sequences.iterator(value, budget) : items;
            List<Object> batch = new ArrayList<>();
            // The first goes in before it is looked whether there is room for it.
            while (items.hasNext()
                && (batch.isEmpty() || !builtins.operators.equal((long) batch.size(), count))) {
              budget.item(batch.size() + 1L);
              batch.add(items.next());
            }
            if (batch.isEmpty()) {
              return Args.ABSENT;
            }
            while (fill != null && batch.size() < Types.integer(count)) {
              budget.item(batch.size() + 1L);
              batch.add(fill);
            }
            return batch;
          }
        });
  }

  private Object slice(Object value, Object[] a) {
    Object slices = a[0];
    Object fill = Args.or(a[1], null);
    return new Generator(
        new Lazy(budget) {
          private List<Object> items;
          private long number;
          private int start;

          @Override
          Object advance() {
            items = items == null ? Sequences.copy(value, budget) : items;
            long count = Types.integer(slices);
            if (count == 0) {
              throw new Fault("integer division or modulo by zero");
            }
            if (number >= count) {
              return Args.ABSENT;
            }
            budget.step();
            boolean extra = number < items.size() % count;
            int end = start + (int) (items.size() / count) + (extra ? 1 : 0);
            budget.items(end - start + 1L);
            List<Object> slice = new ArrayList<>(items.subList(start, end));
            if (fill != null && !extra) {
              slice.add(fill);
            }
            start = end;
            number++;
            return slice;
          }
        });
  }

  private Object map(Object value, Args args) {
    return new Generator(
        new Lazy(budget) {
          private Iterator<Object> items;
          private AttributePath path;
          private String filter;
          private Args rest;

          @Override
          Object advance() {
            if (items == null) {
              items = truthy(value);
              if (items.hasNext() || Operators.truth(value)) {
                prepare();
              }
            }
            if (!items.hasNext()) {
              return Args.ABSENT;
            }
            budget.step();
            Object item = items.next();
            return path != null ? path.get(item) : builtins.filters.apply(filter, item, rest);
          }

          private void prepare() {
            if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
              Object[] a = args.bind("map", 0, "attribute", "default");
              path = new AttributePath(a[0], Args.or(a[1], null), builtins.attributes);
              return;
            }
            filter = name(args, 0, "map needs the name of a filter");
            rest = rest(args, 1);
          }
        });
  }

  /** Nothing to go through in what is false, even if it has no items. */
  private Iterator<Object> truthy(Object value) {
    return Operators.truth(value) ? Sequences.iterator(value, budget) : Collections.emptyIterator();
  }

  private static String name(Args args, int index, String message) {
    String name =
        index < args.positional().size() ? Types.text(args.positional().get(index)) : null;
    if (name == null) {
      throw new Fault(message);
    }
    return name;
  }

  private static Args rest(Args args, int from) {
    Map<String, Object> named = new HashMap<>(args.named());
    return new Args(args.positional().subList(from, args.positional().size()), named);
  }

  private Object select(String name, Object value, Args args) {
    boolean wanted = name.startsWith("select");
    boolean byAttribute = name.endsWith("attr");
    return new Generator(
        new Lazy(budget) {
          private Iterator<Object> items;
          private AttributePath path;
          private String test;
          private Args rest;

          @Override
          Object advance() {
            if (items == null) {
              items = truthy(value);
              if (Operators.truth(value)) {
                prepare();
              }
            }
            while (items.hasNext()) {
              budget.step();
              Object item = items.next();
              if (holds(path == null ? item : path.get(item)) == wanted) {
                return item;
              }
            }
            return Args.ABSENT;
          }

          private boolean holds(Object item) {
            return test == null ? Operators.truth(item) : builtins.tests.test(test, item, rest);
          }

          private void prepare() {
            int at = 0;
            if (byAttribute) {
              if (args.positional().isEmpty()) {
                throw new Fault("Missing parameter for attribute name");
              }
              path = new AttributePath(args.positional().get(at++), null, builtins.attributes);
            }
            if (args.positional().size() > at) {
              test = name(args, at, name + " needs the name of a test");
              rest = rest(args, at + 1);
            }
          }
        });
  }
}
