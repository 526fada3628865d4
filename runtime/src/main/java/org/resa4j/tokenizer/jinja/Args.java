package org.resa4j.tokenizer.jinja;

import java.util.List;
import java.util.Map;

/** What a filter, test, function or method is called with. */
record Args(List<Object> positional, Map<String, Object> named) {
  /** For a parameter that was left out; null is None. */
  static final Object ABSENT = new Object();

  static final Args NONE = new Args(List.of(), Map.of());

  /**
   * One value for each parameter, in their order.
   *
   * @param callee for messages
   * @param required how many of the first parameters must be there
   */
  Object[] bind(String callee, int required, String... parameters) {
    if (positional.size() > parameters.length) {
      throw new Fault(
          callee + " takes at most " + parameters.length + " arguments, not " + positional.size());
    }
    Object[] values = new Object[parameters.length];
    int found = 0;
    for (int i = 0; i < parameters.length; i++) {
      boolean isNamed = named.containsKey(parameters[i]);
      if (i < positional.size()) {
        if (isNamed) {
          throw new Fault(callee + " got two values for the argument '" + parameters[i] + "'");
        }
        values[i] = positional.get(i);
      } else {
        values[i] = isNamed ? named.get(parameters[i]) : ABSENT;
        found += isNamed ? 1 : 0;
      }
      if (i < required && values[i] == ABSENT) {
        throw new Fault(callee + " needs the argument '" + parameters[i] + "'");
      }
    }
    if (found < named.size()) {
      List<String> known = List.of(parameters);
      for (String name : named.keySet()) {
        if (!known.contains(name)) {
          throw new Fault(callee + " has no argument '" + name + "'");
        }
      }
    }
    return values;
  }

  /** The same without named ones. */
  Object[] bindPositional(String callee, int required, int most) {
    if (!named.isEmpty()) {
      throw new Fault(callee + " takes no argument '" + named.keySet().iterator().next() + "'");
    }
    if (positional.size() < required || positional.size() > most) {
      throw new Fault(
          callee
              + " takes "
              + (required == most ? "" + most : required + " to " + most)
              + " arguments, not "
              + positional.size());
    }
    Object[] values = new Object[most];
    for (int i = 0; i < most; i++) {
      values[i] = i < positional.size() ? positional.get(i) : ABSENT;
    }
    return values;
  }

  static Object or(Object value, Object otherwise) {
    return value == ABSENT ? otherwise : value;
  }
}
