package org.resa4j.tokenizer.jinja;

/**
 * What a name without a value gives: false, empty, printed as nothing, and an error in anything
 * else. A class without a record's equality: all are equal in a template.
 */
final class Undefined {
  /** Chars of a name that a message shows. */
  private static final int LONGEST = 200;

  private final String message;

  Undefined(String message) {
    this.message = message;
  }

  static Undefined name(String name) {
    return new Undefined("'" + shortened(name) + "' is undefined");
  }

  static Undefined attribute(Object target, Object name) {
    String owner = target == null ? "None" : "'" + Types.name(target) + "'";
    return new Undefined(
        name instanceof String text
            ? owner + " has no attribute '" + shortened(text) + "'"
            : owner + " has no element " + shortened(Types.shown(name)));
  }

  /** A template may keep any number of these, which no budget counts. */
  private static String shortened(String name) {
    return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "…";
  }

  /** What Jinja2's sandbox withholds. */
  static Undefined unsafe(Object target, String name) {
    return new Undefined(
        "access to attribute '"
            + shortened(name)
            + "' of '"
            + Types.name(target)
            + "' object is unsafe");
  }

  Fault fault() {
    return new Fault(message);
  }
}
