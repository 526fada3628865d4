package org.resa4j.eval.check;

import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The answers occur in the text, as whole words, in any order and case. The score is the share of
 * those that do, as RULER has it; right are all of them.
 *
 * @param answers at least one
 */
record ContainsChecker(List<String> answers) implements Checker {
  private static final Set<UnicodeScript> UNSPACED =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  /**
   * @throws IllegalArgumentException for none, or an empty one
   */
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

  /** Whether a phrase is in a text and no part of a longer word or number: #81 is not in #812. */
  static boolean occurs(String phrase, String text) {
    for (int at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      if (!joined(text, at) && !joined(text, at + phrase.length())) {
        return true;
      }
    }
    return false;
  }

  /** Whether what ends and what begins at a place is one word, or one number such as 1,200. */
  static boolean joined(String text, int at) {
    return (letter(text, at - 1) && letter(text, at))
        || (digit(text, at - 2) && point(text, at - 1) && digit(text, at))
        || (digit(text, at - 1) && point(text, at) && digit(text, at + 1));
  }

  /** Not where a script has no blanks between words. */
  private static boolean letter(String text, int at) {
    return within(text, at)
        && Character.isLetterOrDigit(text.charAt(at))
        && !UNSPACED.contains(UnicodeScript.of(text.charAt(at)));
  }

  private static boolean digit(String text, int at) {
    return within(text, at) && Character.isDigit(text.charAt(at));
  }

  private static boolean point(String text, int at) {
    return within(text, at) && ".,".indexOf(text.charAt(at)) >= 0;
  }

  private static boolean within(String text, int at) {
    return at >= 0 && at < text.length();
  }
}
