package org.resa4j.tokenizer.jinja;

/**
 * A macro, or the body of a call block.
 *
 * @param scope where it was defined
 */
record Macro(Stmt.Definition definition, Scope scope) implements Callable {}
