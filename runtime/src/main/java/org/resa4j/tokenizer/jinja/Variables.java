package org.resa4j.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns what a caller hands in into values of a template; nothing else of the JVM gets there. */
final class Variables {
  private final Budget budget;

  Variables(Budget budget) {
    this.budget = budget;
  }

  Scope scope(Map<String, ?> variables) {
    Scope scope = new Scope(null);
    for (Map.Entry<String, ?> variable : variables.entrySet()) {
      scope.set(variable.getKey(), value(variable.getValue()));
    }
    return scope;
  }

  private Object value(Object given) {
    return switch (given) {
      case null -> null;
      case String s -> s;
      case Boolean b -> b;
      case Long l -> l;
      case Integer i -> i.longValue();
      case Short s -> s.longValue();
      case Byte b -> b.longValue();
      case Double d -> d;
      case Float f -> f.doubleValue();
      case BigInteger i -> integer(i);
      case BigDecimal d -> d.doubleValue();
      case List<?> list -> list(list);
      case Map<?, ?> map -> dict(map);
      default ->
          throw new Fault(
              "a variable is a " + given.getClass().getName() + ", which a template cannot have");
    };
  }

  private static Long integer(BigInteger given) {
    if (given.bitLength() > 63) {
      throw new Fault("the variable " + given + " has more than 64 bits");
    }
    return given.longValue();
  }

  private List<Object> list(List<?> given) {
    budget.enter();
    budget.items(given.size());
    List<Object> list = new ArrayList<>(given.size());
    for (Object item : given) {
      list.add(value(item));
    }
    budget.leave();
    return list;
  }

  private Dict dict(Map<?, ?> given) {
    budget.enter();
    Dict dict = new Dict();
    for (Map.Entry<?, ?> entry : given.entrySet()) {
      dict.put(value(entry.getKey()), value(entry.getValue()), budget);
    }
    budget.leave();
    return dict;
  }
}
