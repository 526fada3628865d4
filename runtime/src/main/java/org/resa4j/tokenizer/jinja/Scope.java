package org.resa4j.tokenizer.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a block; what is set here is not seen outside. */
final class Scope {
  /** For a name that no scope has; null is None. */
  static final Object ABSENT = new Object();

  private final Scope parent;
  private final Map<String, Object> variables = new HashMap<>();

  Scope(Scope parent) {
    this.parent = parent;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Object value = scope.variables.getOrDefault(name, ABSENT);
      if (value != ABSENT) {
        return value;
      }
    }
    return ABSENT;
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
