package org.resa4j.eval.check;

import java.util.List;

/** Texts as words between blanks. */
final class Words {
  private Words() {}

  /** The words; none for a text of blanks. */
  static String[] of(String text) {
    String stripped = text.strip();
    return stripped.isEmpty() ? new String[0] : stripped.split("\\s+");
  }

  /** The words with single spaces between. */
  static String joined(String text) {
    return String.join(" ", of(text));
  }

  static void requireAnswers(List<String> answers) {
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("the checker compares with an \"answer\": add one");
    }
  }
}
