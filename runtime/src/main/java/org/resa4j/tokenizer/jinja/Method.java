package org.resa4j.tokenizer.jinja;

/** A method of a value. */
record Method(Object target, String name) implements Callable {}
