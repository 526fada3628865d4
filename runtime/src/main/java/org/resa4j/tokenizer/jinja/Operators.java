package org.resa4j.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Python's operators: truth, equality, order, containment and arithmetic. */
final class Operators {
  private final Budget budget;
  private final Printer printer;

  Operators(Budget budget, Printer printer) {
    this.budget = budget;
    this.printer = printer;
  }

  static boolean truth(Object value) {
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean b) {
      return b;
    }
    if (value instanceof String s) {
      return !s.isEmpty();
    }
    if (value instanceof Long l) {
      return l != 0;
    }
    if (value instanceof Double d) {
      return d != 0;
    }
    return Sequences.length(value) != 0;
  }

  boolean equal(Object a, Object b) {
    if (a == b) {
      return !(a instanceof Double d && d.isNaN());
    }
    if (a == null || b == null) {
      return false;
    }
    if (Types.isNumber(a) && Types.isNumber(b)) {
      return Numbers.compare(a, b) == 0;
    }
    if (Types.isText(a) && Types.isText(b)) {
      return Types.text(a).equals(Types.text(b));
    }
    if (a instanceof Dict x && b instanceof Dict y) {
      return equal(x, y);
    }
    if (a instanceof Range x && b instanceof Range y) {
      return x.length() == y.length()
          && (x.length() == 0
              || x.start() == y.start() && (x.length() == 1 || x.step() == y.step()));
    }
    if (a instanceof View x && b instanceof View y && !x.kind().equals("dict_values")) {
      return equal(x, y);
    }
    if (a instanceof Tuple == b instanceof Tuple && Sequences.items(a) != null) {
      List<Object> x = Sequences.items(a);
      List<Object> y = Sequences.items(b);
      return y != null && x.size() == y.size() && firstDifference(x, y) < 0;
    }
    if (a instanceof Method x && b instanceof Method y) {
      return x.target() == y.target() && x.name().equals(y.name());
    }
    return a instanceof Undefined && b instanceof Undefined;
  }

  private boolean equal(Dict a, Dict b) {
    if (a.size() != b.size()) {
      return false;
    }
    budget.enter();
    for (Dict.Entry entry : a.entries()) {
      budget.step();
      Dict.Entry other = b.find(entry.key(), budget);
      if (other == null || !equal(entry.value(), other.value())) {
        budget.leave();
        return false;
      }
    }
    budget.leave();
    return true;
  }

  private boolean equal(View a, View b) {
    if (a.items().size() != b.items().size()) {
      return false;
    }
    for (Object item : a.items()) {
      if (!contains(b, item)) {
        return false;
      }
    }
    return true;
  }

  /** The first index at which two lists differ, -1 if none within both. */
  private int firstDifference(List<Object> a, List<Object> b) {
    budget.enter();
    int end = Math.min(a.size(), b.size());
    int i = 0;
    while (i < end && (a.get(i) == b.get(i) || equal(a.get(i), b.get(i)))) {
      budget.step();
      i++;
    }
    budget.leave();
    return i < end ? i : -1;
  }

  boolean less(Object a, Object b) {
    return ordered("<", a, b);
  }

  private boolean ordered(String operator, Object a, Object b) {
    if (Types.isNumber(a) && Types.isNumber(b)) {
      int order = Numbers.compare(a, b);
      return order != 2 && holds(operator, order);
    }
    if (Types.isText(a) && Types.isText(b)) {
      return holds(operator, compare(Types.text(a), Types.text(b)));
    }
    List<Object> x = Sequences.items(a);
    List<Object> y = Sequences.items(b);
    if (x != null && y != null && a instanceof Tuple == b instanceof Tuple) {
      int i = firstDifference(x, y);
      if (i < 0) {
        return holds(operator, Integer.compare(x.size(), y.size()));
      }
      budget.enter();
      boolean ordered = ordered(operator, x.get(i), y.get(i));
      budget.leave();
      return ordered;
    }
    throw unsupported(operator, a, b);
  }

  private static boolean holds(String operator, int order) {
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  /** By code points, which UTF-16 puts in another order. */
  private static int compare(String a, String b) {
    int end = Math.min(a.length(), b.length());
    for (int i = 0; i < end; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) != Character.isSurrogate(y);
        return surrogates ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  boolean compare(String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> equal(a, b);
      case "!=" -> !equal(a, b);
      case "in" -> contains(b, a);
      case "not in" -> !contains(b, a);
      default -> ordered(operator, a, b);
    };
  }

  boolean contains(Object container, Object item) {
    String text = Types.text(container);
    if (text != null) {
      String part = Types.text(item);
      if (part == null) {
        throw new Fault("'in <string>' requires string, not " + Types.name(item));
      }
      budget.allocate(text.length() / 16);
      return Search.first(text, part, 0, budget) >= 0;
    }
    if (container instanceof Dict dict) {
      return dict.find(item, budget) != null;
    }
    if (container instanceof Range range && Types.isInteger(item)) {
      return range.contains(Types.integer(item));
    }
    Iterator<Object> items = Sequences.iteratorOrNull(container, budget);
    if (items == null) {
      throw new Fault("argument of type '" + Types.name(container) + "' is not iterable");
    }
    while (items.hasNext()) {
      budget.step();
      if (equal(items.next(), item)) {
        return true;
      }
    }
    return false;
  }

  private static Fault unsupported(String operator, Object a, Object b) {
    if (a instanceof Undefined u) {
      return u.fault();
    }
    if (b instanceof Undefined u) {
      return u.fault();
    }
    return new Fault(
        "'"
            + operator
            + "' is not supported between '"
            + Types.name(a)
            + "' and '"
            + Types.name(b)
            + "'");
  }

  Object arithmetic(String operator, Object a, Object b) {
    if (Types.isNumber(a) && Types.isNumber(b)) {
      return Numbers.arithmetic(operator, a, b);
    }
    Object result =
        switch (operator) {
          case "+" -> sum(a, b);
          case "*" -> Types.isInteger(a) ? repeated(b, a) : repeated(a, b);
          case "%" -> formatted(a, b);
          default -> Args.ABSENT;
        };
    if (result == Args.ABSENT) {
      throw unsupported(operator, a, b);
    }
    return result;
  }

  private Object sum(Object a, Object b) {
    if (a instanceof String s && b instanceof String t) {
      budget.text((long) s.length() + t.length());
      return s.concat(t);
    }
    if (Types.isText(a) && Types.isText(b)) {
      return new Markup(new TextBuilder(budget).append(escaped(a)).append(escaped(b)).toString());
    }
    List<Object> x = Sequences.items(a);
    List<Object> y = Sequences.items(b);
    if (x == null || y == null || a instanceof Tuple != b instanceof Tuple) {
      return Args.ABSENT;
    }
    budget.items((long) x.size() + y.size());
    List<Object> sum = new ArrayList<>(x.size() + y.size());
    sum.addAll(x);
    sum.addAll(y);
    return a instanceof Tuple ? new Tuple(sum) : sum;
  }

  private String escaped(Object value) {
    return value instanceof Markup m ? m.text() : Markup.escape((String) value, budget);
  }

  private Object repeated(Object value, Object count) {
    if (!Types.isInteger(count)) {
      return Args.ABSENT;
    }
    long times = Math.max(0, Types.smallInteger(count));
    String text = Types.text(value);
    if (text != null) {
      return Sequences.like(value, new TextBuilder(budget).repeat(text, times).toString());
    }
    List<Object> items = Sequences.items(value);
    if (items == null) {
      return Args.ABSENT;
    }
    budget.items(items.size() * times);
    List<Object> repeated = new ArrayList<>();
    for (long i = 0; i < times && !items.isEmpty(); i++) {
      repeated.addAll(items);
    }
    return value instanceof Tuple ? new Tuple(repeated) : repeated;
  }

  private Object formatted(Object format, Object values) {
    if (format instanceof Markup) {
      throw new Fault("'%' of a string that is marked as safe is not supported");
    }
    return format instanceof String s
        ? new PercentFormat(s, printer, budget).apply(values)
        : Args.ABSENT;
  }

  Object signed(boolean negative, Object value) {
    if (value instanceof Undefined u) {
      throw u.fault();
    }
    if (!Types.isNumber(value)) {
      throw new Fault(
          "bad operand type for unary " + (negative ? "-" : "+") + ": '" + Types.name(value) + "'");
    }
    return Numbers.negate(value, negative);
  }
}
