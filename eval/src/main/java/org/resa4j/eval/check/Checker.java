package org.resa4j.eval.check;

import java.util.Optional;
import org.resa4j.eval.worksheet.Derivation;

/** Says how right a text is. Immutable. */
public interface Checker {
  /**
   * Checks what a model wrote.
   *
   * @param text without special tokens
   */
  Verdict check(String text);

  /** What derives the right answer from the prompt, where the checker knows. */
  default Optional<Derivation> derivation() {
    return Optional.empty();
  }
}
