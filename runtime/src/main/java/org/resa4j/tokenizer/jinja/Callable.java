package org.resa4j.tokenizer.jinja;

/** A value that can be called; {@link Evaluator} knows how. */
sealed interface Callable permits Function, Joiner, Loop, Macro, Method {}
