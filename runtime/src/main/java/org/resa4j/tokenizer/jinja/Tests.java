package org.resa4j.tokenizer.jinja;

import java.util.Set;

/** Jinja2's tests: what follows {@code is}. */
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "!=",
          "<",
          "<=",
          "==",
          ">",
          ">=",
          "boolean",
          "callable",
          "defined",
          "divisibleby",
          "eq",
          "equalto",
          "escaped",
          "even",
          "false",
          "filter",
          "float",
          "ge",
          "greaterthan",
          "gt",
          "in",
          "integer",
          "iterable",
          "le",
          "lessthan",
          "lower",
          "lt",
          "mapping",
          "ne",
          "none",
          "number",
          "odd",
          "sameas",
          "sequence",
          "string",
          "test",
          "true",
          "undefined",
          "upper");

  private final Operators operators;
  private final Printer printer;

  Tests(Builtins builtins) {
    operators = builtins.operators;
    printer = builtins.printer;
  }

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  static String unknown(String name) {
    return "no test named '" + name + "'";
  }

  boolean test(String name, Object value, Args args) {
    String operator = operator(name);
    if (operator != null) {
      return operators.compare(operator, value, args.bindPositional(name, 1, 1)[0]);
    }
    return switch (name) {
      case "divisibleby" -> isRemainder(value, args.bind(name, 1, "num")[0], 0);
      case "in" -> operators.contains(args.bind(name, 1, "seq")[0], value);
      case "sameas" -> same(value, args.bind(name, 1, "other")[0]);
      default -> {
        args.bindPositional(name, 0, 0);
        yield test(name, value);
      }
    };
  }

  /** Null if the test is not one of an operator. */
  private static String operator(String name) {
    return switch (name) {
      case "==", "eq", "equalto" -> "==";
      case "!=", "ne" -> "!=";
      case ">", "gt", "greaterthan" -> ">";
      case ">=", "ge" -> ">=";
      case "<", "lt", "lessthan" -> "<";
      case "<=", "le" -> "<=";
      default -> null;
    };
  }

  private boolean test(String name, Object value) {
    return switch (name) {
      case "boolean" -> value instanceof Boolean;
      case "callable" -> value instanceof Callable || value instanceof Undefined;
      case "defined" -> !(value instanceof Undefined);
      case "escaped" -> value instanceof Markup;
      case "even" -> isRemainder(value, 2L, 0);
      case "false" -> Boolean.FALSE.equals(value);
      case "filter" -> isName(value) && Filters.isKnown(Types.text(value));
      case "float" -> value instanceof Double;
      case "integer" -> value instanceof Long;
      case "iterable" -> Sequences.isIterable(value);
      case "lower" -> Strings.hasCase(printer.text(value), false);
      case "mapping" -> value instanceof Dict;
      case "none" -> value == null;
      case "number" -> Types.isNumber(value);
      case "odd" -> isRemainder(value, 2L, 1);
      case "sequence" ->
          Types.isText(value)
              || Sequences.items(value) != null
              || value instanceof Dict
              || value instanceof Range
              || value instanceof Undefined;
      case "string" -> Types.isText(value);
      case "test" -> isName(value) && isKnown(Types.text(value));
      case "true" -> Boolean.TRUE.equals(value);
      case "undefined" -> value instanceof Undefined;
      case "upper" -> Strings.hasCase(printer.text(value), true);
      default -> throw new Fault(unknown(name));
    };
  }

  private static boolean isName(Object value) {
    if (!Dict.isHashable(value)) {
      throw new Fault("unhashable type: '" + Types.name(value) + "'");
    }
    return Types.isText(value);
  }

  private boolean isRemainder(Object value, Object divisor, long remainder) {
    return operators.equal(operators.arithmetic("%", value, divisor), remainder);
  }

  /** Small numbers and strings are one object in Python too. */
  private static boolean same(Object value, Object other) {
    boolean plain = value instanceof Long || value instanceof Boolean || value instanceof String;
    return value == other || plain && value.equals(other);
  }
}
