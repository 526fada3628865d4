package org.resa4j.tokenizer.jinja;

/** A global function, by its name. */
record Function(String name) implements Callable {}
