package org.resa4j.bench.eval.check;

import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text's answer is a number: the one after its last {@code ####}, as GSM8K writes it, else its
 * last.
 *
 * @param answers numbers, or texts that end with one; one has to be met
 * @param absolute how far off the number may be
 * @param relative the same, as a share of the answer; the larger tolerance counts
 * @throws IllegalArgumentException for no answers, one without a number, or a negative tolerance
 */
record NumericChecker(List<String> answers, double absolute, double relative) implements Checker {
  /** A sign belongs to a number only where no operand stands before it: 7-5 has no -5. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:(?<![\\w)\\]])[-+\u2212])?"
              + "(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+|(?=\\.\\d))(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");

  /** Stands before the answer in GSM8K. */
  static final String MARK = "####";

  NumericChecker {
    Words.requireAnswers(answers);
    if (!(absolute >= 0 && relative >= 0)) {
      throw new IllegalArgumentException(
          "tolerances must not be negative, were %s and %s".formatted(absolute, relative));
    }
    for (String answer : answers) {
      if (number(answer).isEmpty()) {
        throw new IllegalArgumentException("the answer '%s' has no number".formatted(answer));
      }
    }
    answers = List.copyOf(answers);
  }

  @Override
  public Verdict check(String text) {
    OptionalDouble given = number(text);
    return Verdict.of(
        given.isPresent()
            && answers.stream()
                .anyMatch(answer -> near(given.getAsDouble(), number(answer).orElseThrow())));
  }

  private boolean near(double given, double answer) {
    return Math.abs(given - answer) <= Math.max(absolute, relative * Math.abs(answer));
  }

  private static OptionalDouble number(String text) {
    int mark = text.lastIndexOf(MARK);
    Matcher matcher = NUMBER.matcher(mark < 0 ? text : text.substring(mark + MARK.length()));
    OptionalDouble number = OptionalDouble.empty();
    while (matcher.find()) {
      number = OptionalDouble.of(value(matcher.group()));
      if (mark >= 0) {
        break;
      }
    }
    return number;
  }

  private static double value(String number) {
    return Double.parseDouble(number.replace(",", "").replace('\u2212', '-'));
  }
}
