package org.resa4j;

/**
 * Hears a text as it comes: tokens in order, then one end. Calls come one after the other, on a
 * virtual thread of the listener's own; a slow listener delays no text. A listener that throws
 * cancels the text, and hears of it by {@link #onFailure}.
 */
@FunctionalInterface
public interface GenerationListener {

  void onToken(GeneratedToken token);

  /** Hears the result, that of a cancelled text included. */
  default void onComplete(Generation generation) {}

  /** Hears what went wrong. */
  default void onFailure(Throwable failure) {}
}
