package org.resa4j.tokenizer.jinja;

/**
 * What a name without a value gives: false, empty, printed as nothing, and an error in anything
 * else. A class without a record's equality: all are equal in a template.
 */
final class Undefined {
  private final String message;

  Undefined(String message) {
    this.message = message;
  }

  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  static Undefined attribute(Object target, Object name) {
    String owner = target == null ? "None" : "'" + Types.name(target) + "'";
    return new Undefined(
        name instanceof String
            ? owner + " has no attribute '" + name + "'"
            : owner + " has no element " + Types.shown(name));
  }

  /** What Jinja2's sandbox withholds. */
  static Undefined unsafe(Object target, String name) {
    return new Undefined(
        "access to attribute '" + name + "' of '" + Types.name(target) + "' object is unsafe");
  }

  Fault fault() {
    return new Fault(message);
  }
}
