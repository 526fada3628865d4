package org.resa4j.tokenizer.jinja;

import java.util.List;

/** Python's names of the types of values, for messages. */
final class Types {
  private Types() {}

  static String name(Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean b -> "bool";
      case Long l -> "int";
      case Double d -> "float";
      case String s -> "str";
      case Markup m -> "Markup";
      case List<?> l -> "list";
      case Dict d -> "dict";
      case Tuple t -> "tuple";
      case Undefined u -> "Undefined";
      case Range r -> "range";
      case View v -> v.kind();
      case Generator g -> "generator";
      case Namespace n -> "Namespace";
      case Cycler c -> "Cycler";
      case Loop l -> "LoopContext";
      case Macro m -> "Macro";
      case Method m -> "method";
      default -> "function";
    };
  }

  /** A key or index in a message. */
  static String shown(Object value) {
    return value instanceof Long || value instanceof Boolean || value instanceof Double
        ? value.toString()
        : "of type " + name(value);
  }

  /** The text of a string, marked safe or not; null for another value. */
  static String text(Object value) {
    if (value instanceof String s) {
      return s;
    }
    return value instanceof Markup m ? m.text() : null;
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  /** An integer, or a boolean as one. */
  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long integer(Object value) {
    if (value instanceof Long l) {
      return l;
    }
    if (value instanceof Boolean b) {
      return b ? 1 : 0;
    }
    throw value instanceof Undefined u
        ? u.fault()
        : new Fault("'" + name(value) + "' object cannot be interpreted as an integer");
  }

  /** The same within the range of an int: a width or count beyond it is beyond any limit too. */
  static int smallInteger(Object value) {
    return Math.clamp(integer(value), -Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  static double real(Object value) {
    return value instanceof Double d ? d : integer(value);
  }
}
