package org.resa4j.eval.check;

import java.util.List;

/**
 * The whole text is one of the answers, but for the blanks between words.
 *
 * @param answers at least one
 */
record ExactChecker(List<String> answers) implements Checker {
  /**
   * @throws IllegalArgumentException for none
   */
  ExactChecker {
    Words.requireAnswers(answers);
    answers = answers.stream().map(Words::joined).toList();
  }

  @Override
  public Verdict check(String text) {
    return Verdict.of(answers.contains(Words.joined(text)));
  }
}
