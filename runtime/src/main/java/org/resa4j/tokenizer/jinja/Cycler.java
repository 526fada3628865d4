package org.resa4j.tokenizer.jinja;

import java.util.List;

/** Gives its items one after the other, over and over. */
final class Cycler {
  private final List<Object> items;
  private int position;

  Cycler(List<Object> items) {
    if (items.isEmpty()) {
      throw new Fault("cycler() needs at least one item");
    }
    this.items = items;
  }

  Object current() {
    return items.get(position);
  }

  Object next() {
    Object item = current();
    position = (position + 1) % items.size();
    return item;
  }

  void reset() {
    position = 0;
  }
}
