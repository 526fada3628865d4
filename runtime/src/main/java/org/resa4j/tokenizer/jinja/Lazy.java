package org.resa4j.tokenizer.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** An iterator that makes one item after the other. */
abstract class Lazy implements Iterator<Object> {
  private final Budget budget;
  private Object next = Args.ABSENT;
  private boolean ended;

  Lazy(Budget budget) {
    this.budget = budget;
  }

  /** The next item; ABSENT at the end. */
  abstract Object advance();

  @Override
  public boolean hasNext() {
    if (next == Args.ABSENT && !ended) {
      // One may be made from another, and so on.
      budget.enter();
      next = advance();
      budget.leave();
      ended = next == Args.ABSENT;
    }
    return !ended;
  }

  @Override
  public Object next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Object item = next;
    next = Args.ABSENT;
    return item;
  }
}
