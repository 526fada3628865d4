package org.resa4j.tokenizer.jinja;

import java.util.List;

/** The methods of values. */
final class Methods {
  private final Budget budget;
  private final Operators operators;
  private final StringMethods strings;

  Methods(Builtins builtins) {
    budget = builtins.budget;
    operators = builtins.operators;
    strings = new StringMethods(budget, builtins.printer, builtins.strings, builtins.attributes);
  }

  Object call(Method method, Args args) {
    Object target = method.target();
    String name = method.name();
    if (Types.isText(target)) {
      return strings.call(target, name, args);
    }
    if (target instanceof Dict dict) {
      return dict(dict, name, args);
    }
    if (target instanceof Loop loop) {
      List<Object> values = args.positional();
      args.bindPositional("loop." + name, 0, values.size());
      return name.equals("cycle") ? loop.cycle(values) : (Object) loop.changed(values);
    }
    if (target instanceof Cycler cycler) {
      args.bindPositional("cycler." + name, 0, 0);
      if (name.equals("next")) {
        return cycler.next();
      }
      cycler.reset();
      return null;
    }
    return sequence(target, name, args);
  }

  private Object dict(Dict dict, String name, Args args) {
    if (name.equals("get")) {
      Object[] a = args.bindPositional("dict.get", 1, 2);
      Dict.Entry entry = dict.find(a[0], budget);
      return entry == null ? Args.or(a[1], null) : entry.value();
    }
    args.bindPositional("dict." + name, 0, 0);
    return switch (name) {
      case "keys" -> new View("dict_keys", dict.keys(budget));
      case "values" -> new View("dict_values", dict.values(budget));
      case "items" -> new View("dict_items", dict.items(budget));
      default -> dict.copy(budget);
    };
  }

  private Object sequence(Object target, String name, Args args) {
    List<Object> items = Sequences.items(target);
    if (name.equals("copy")) {
      args.bindPositional("list.copy", 0, 0);
      return Sequences.copy(target, budget);
    }
    boolean index = name.equals("index");
    Object[] a = args.bindPositional(Types.name(target) + "." + name, 1, index ? 3 : 1);
    int from = index && a[1] != Args.ABSENT ? bound(a[1], items.size()) : 0;
    int to = index && a[2] != Args.ABSENT ? bound(a[2], items.size()) : items.size();
    long count = 0;
    for (int i = from; i < to; i++) {
      budget.step();
      if (operators.equal(items.get(i), a[0])) {
        if (index) {
          return (long) i;
        }
        count++;
      }
    }
    if (index) {
      throw new Fault("the value is not in the " + Types.name(target));
    }
    return count;
  }

  private static int bound(Object value, int length) {
    long bound = Types.integer(value);
    return Math.clamp(bound < 0 ? bound + length : bound, 0, length);
  }
}
