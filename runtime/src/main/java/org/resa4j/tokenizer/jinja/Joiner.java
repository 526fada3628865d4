package org.resa4j.tokenizer.jinja;

/** Gives nothing the first time it is called, then what separates. */
final class Joiner implements Callable {
  private final Object separator;
  private boolean used;

  Joiner(Object separator) {
    this.separator = separator;
  }

  Object next() {
    Object next = used ? separator : "";
    used = true;
    return next;
  }
}
