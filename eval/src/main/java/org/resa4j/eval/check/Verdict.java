package org.resa4j.eval.check;

import java.util.Optional;

/**
 * How right a text is.
 *
 * @param score from 0 to 1
 * @param right whether its answer is right
 * @param steps where the text has some, which of them are right
 */
public record Verdict(double score, boolean right, Optional<Steps> steps) {
  /**
   * @throws IllegalArgumentException for a score outside its range
   */
  public Verdict {
    if (!(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException("a score is from 0 to 1, was " + score);
    }
  }

  static Verdict of(boolean right) {
    return new Verdict(right ? 1 : 0, right, Optional.empty());
  }
}
