package org.resa4j.bench.eval.check;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The answers occur in the text, as whole words, in any order and case. The score is the share of
 * those that do, as RULER has it; right are all of them.
 *
 * @param answers at least one
 * @throws IllegalArgumentException for none, or an empty one
 */
record ContainsChecker(List<String> answers) implements Checker {
  ContainsChecker {
    Words.requireAnswers(answers);
    answers =
        answers.stream().map(answer -> Words.joined(answer).toLowerCase(Locale.ROOT)).toList();
    if (answers.contains("")) {
      throw new IllegalArgumentException("an empty answer is in every text");
    }
  }

  @Override
  public Verdict check(String text) {
    String words = Words.joined(text).toLowerCase(Locale.ROOT);
    long found = answers.stream().filter(answer -> occurs(answer, words)).count();
    return new Verdict((double) found / answers.size(), found == answers.size(), Optional.empty());
  }

  /** Whether a phrase is in a text and no part of a longer word: #81 is not in #812. */
  static boolean occurs(String phrase, String text) {
    for (int at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      int end = at + phrase.length();
      boolean from = at == 0 || !(letter(text, at - 1) && letter(text, at));
      boolean to = end == text.length() || !(letter(text, end - 1) && letter(text, end));
      if (from && to) {
        return true;
      }
    }
    return false;
  }

  private static boolean letter(String text, int at) {
    return Character.isLetterOrDigit(text.charAt(at));
  }
}
