package org.resa4j.bench.eval.check;

/** Says how right a text is. Immutable. */
public interface Checker {
  /**
   * Checks what a model wrote.
   *
   * @param text without special tokens
   */
  Verdict check(String text);
}
