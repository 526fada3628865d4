package org.resa4j.tokenizer.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The variable {@code loop}. It looks one item ahead, and only if it is asked to. */
final class Loop implements Callable {
  private static final Set<String> METHODS = Set.of("changed", "cycle");

  private final Stmt.For statement;
  private final Scope scope;
  private final Object iterable;
  private final int depth0;
  private final Operators operators;
  private final Budget budget;
  private Iterator<Object> items;
  private long length = -1;
  private long index0 = -1;
  private Object before = Args.ABSENT;
  private Object current = Args.ABSENT;
  private Object after = Args.ABSENT;
  private List<Object> lastChanged;

  /**
   * @param scope around the statement
   * @param iterable what has the loop's length, or null
   */
  Loop(
      Stmt.For statement,
      Scope scope,
      Object iterable,
      Iterator<Object> items,
      int depth0,
      Operators operators,
      Budget budget) {
    this.statement = statement;
    this.scope = scope;
    this.iterable = iterable;
    this.items = items;
    this.depth0 = depth0;
    this.operators = operators;
    this.budget = budget;
  }

  Stmt.For statement() {
    return statement;
  }

  Scope scope() {
    return scope;
  }

  int depth0() {
    return depth0;
  }

  long index() {
    return index0 + 1;
  }

  private Object peek() {
    if (after == Args.ABSENT && items.hasNext()) {
      after = items.next();
    }
    return after;
  }

  /** Goes on to the next item; ABSENT at the end. */
  Object next() {
    Object next = peek();
    if (next != Args.ABSENT) {
      after = Args.ABSENT;
      index0++;
      before = current;
      current = next;
    }
    return next;
  }

  long length() {
    if (length < 0) {
      length = iterable == null ? -1 : Sequences.length(iterable);
      if (length < 0) {
        List<Object> rest = Sequences.copy(items, budget);
        items = rest.iterator();
        length = rest.size() + index() + (after == Args.ABSENT ? 0 : 1);
      }
    }
    return length;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> index();
      case "index0" -> index0;
      case "revindex" -> length() - index0;
      case "revindex0" -> length() - index();
      case "first" -> index0 == 0;
      case "last" -> peek() == Args.ABSENT;
      case "length" -> length();
      case "depth" -> depth0 + 1L;
      case "depth0" -> (long) depth0;
      case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
      case "nextitem" -> peek() == Args.ABSENT ? new Undefined("there is no next item") : after;
      default -> METHODS.contains(name) ? new Method(this, name) : Args.ABSENT;
    };
  }

  Object cycle(List<Object> values) {
    if (values.isEmpty()) {
      throw new Fault("no items for cycling given");
    }
    return values.get((int) (index0 % values.size()));
  }

  boolean changed(List<Object> values) {
    boolean changed =
        lastChanged == null || !operators.equal(new Tuple(lastChanged), new Tuple(values));
    if (changed) {
      lastChanged = values;
    }
    return changed;
  }
}
