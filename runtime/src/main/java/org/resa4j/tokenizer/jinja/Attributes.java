package org.resa4j.tokenizer.jinja;

import java.util.Set;

/** {@code a.b} and {@code a['b']}, as Jinja2's sandbox for values that must not change. */
final class Attributes {
  private static final Set<String> DICT = Set.of("copy", "get", "items", "keys", "values");
  private static final Set<String> DICT_UNSAFE =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> LIST_UNSAFE =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
  private static final Set<String> NUMBER_REFUSED =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "fromhex",
          "from_bytes",
          "hex",
          "imag",
          "is_integer",
          "numerator",
          "real",
          "to_bytes");

  private final Budget budget;

  Attributes(Budget budget) {
    this.budget = budget;
  }

  /** The attribute, else the item of that name, else undefined. */
  Object attribute(Object target, String name) {
    Object own = own(target, name);
    if (own != Args.ABSENT) {
      return own;
    }
    Dict.Entry entry = target instanceof Dict dict ? dict.find(name, budget) : null;
    return entry == null ? Undefined.attribute(target, name) : entry.value();
  }

  /** The item, else the attribute of that name, else undefined. */
  Object item(Object target, Object index) {
    if (target instanceof Undefined u) {
      throw u.fault();
    }
    if (target instanceof Dict dict && Dict.isHashable(index)) {
      Dict.Entry entry = dict.find(index, budget);
      if (entry != null) {
        return entry.value();
      }
    } else if (Types.isInteger(index)
        && (Types.isText(target) || target instanceof Range || Sequences.items(target) != null)) {
      Object item = Sequences.at(target, Types.integer(index));
      if (item != Args.ABSENT) {
        return item;
      }
    }
    if (Types.isText(index)) {
      Object own = own(target, Types.text(index));
      if (own != Args.ABSENT) {
        return own;
      }
    }
    return Undefined.attribute(target, index);
  }

  /** What Python's object of that kind has under a name; ABSENT if nothing. */
  Object own(Object target, String name) {
    if (target instanceof Undefined u) {
      throw u.fault();
    }
    if (name.startsWith("__") && name.endsWith("__") && name.length() > 4) {
      boolean key = target instanceof Dict dict && dict.find(name, budget) != null;
      return key && !name.equals("__class__") ? Args.ABSENT : Undefined.unsafe(target, name);
    }
    if (Types.isText(target)) {
      if (StringMethods.refuses(name)) {
        throw unsupported(target, name);
      }
      return StringMethods.has(name) ? new Method(target, name) : Args.ABSENT;
    }
    if (target instanceof Dict) {
      return dict(target, name);
    }
    if (Sequences.items(target) != null) {
      return sequence(target, name);
    }
    if (target instanceof Namespace namespace) {
      return namespace(namespace, name);
    }
    if (target instanceof Loop loop) {
      return loop.attribute(name);
    }
    return other(target, name);
  }

  private static Fault unsupported(Object target, String name) {
    return new Fault(Types.name(target) + "." + name + " is not supported");
  }

  private static Object dict(Object dict, String name) {
    if (name.equals("fromkeys")) {
      throw unsupported(dict, name);
    }
    if (DICT_UNSAFE.contains(name)) {
      return Undefined.unsafe(dict, name);
    }
    return DICT.contains(name) ? new Method(dict, name) : Args.ABSENT;
  }

  private static Object sequence(Object target, String name) {
    boolean list = !(target instanceof Tuple);
    if (target instanceof Tuple tuple && tuple.group()) {
      if (name.equals("grouper") || name.equals("list")) {
        return tuple.items().get(name.equals("list") ? 1 : 0);
      }
    }
    if (list && LIST_UNSAFE.contains(name)) {
      return Undefined.unsafe(target, name);
    }
    boolean has = name.equals("index") || name.equals("count") || list && name.equals("copy");
    return has ? new Method(target, name) : Args.ABSENT;
  }

  private Object namespace(Namespace namespace, String name) {
    Dict.Entry entry = namespace.attributes.find(name, budget);
    if (entry == null) {
      return Args.ABSENT;
    }
    return name.startsWith("_") ? Undefined.unsafe(namespace, name) : entry.value();
  }

  private static Object other(Object target, String name) {
    if (target instanceof Range range) {
      return switch (name) {
        case "start" -> range.start();
        case "stop" -> range.stop();
        case "step" -> range.step();
        case "index", "count" -> throw unsupported(target, name);
        default -> Args.ABSENT;
      };
    }
    if (target instanceof Cycler cycler) {
      return switch (name) {
        case "current" -> cycler.current();
        case "next", "reset" -> new Method(cycler, name);
        case "items", "pos" -> throw unsupported(target, name);
        default -> Args.ABSENT;
      };
    }
    if (target instanceof Macro macro && name.equals("name")) {
      return macro.definition().name();
    }
    boolean refused =
        Types.isNumber(target) && NUMBER_REFUSED.contains(name)
            || target instanceof Callable
            || target instanceof Generator
            || target instanceof View;
    if (refused) {
      throw unsupported(target, name);
    }
    return Args.ABSENT;
  }
}
