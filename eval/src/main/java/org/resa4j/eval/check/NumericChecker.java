package org.resa4j.eval.check;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text's answer is a number: the one after its last {@code ####}, as GSM8K writes it, else its
 * last. A fraction is one number, as are {@code \frac{1}{2}} and {@code 1{,}234} of LaTeX.
 *
 * @param answers numbers, each alone or after {@code ####}, words around it allowed; one has to be
 *     met
 * @param absolute how far off the number may be
 * @param relative the same, as a share of the answer; the larger tolerance counts
 */
record NumericChecker(List<String> answers, double absolute, double relative) implements Checker {
  private static final String DIGITS =
      "(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+|(?<![\\w.])(?=\\.\\d))(?:\\.\\d+)?(?:[eE][-+]?\\d+)?";

  /** A sign belongs to a number only where no operand stands before it: 7-5 has no -5. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "((?<![\\w)\\]])[-+\u2212\u2013])?[$\u20ac\u00a3]?(%s)(?:/(%s))?"
              .formatted(DIGITS, DIGITS));

  /** Stands before the answer in GSM8K. */
  static final String MARK = "####";

  /** A heading of Markdown has the mark too, but no number after it. */
  private static final Pattern MARKED = Pattern.compile(MARK + "\\s*(?=" + NUMBER.pattern() + ")");

  private static final Pattern LATEX_FRACTION =
      Pattern.compile("\\\\[dt]?frac\\{([^{}]*)}\\{([^{}]*)}");

  /**
   * @throws IllegalArgumentException for no answers, one without a number or with several, or a
   *     negative tolerance
   */
  NumericChecker {
    Words.requireAnswers(answers);
    if (!(absolute >= 0 && relative >= 0)) {
      throw new IllegalArgumentException(
          "tolerances must not be negative, were %s and %s".formatted(absolute, relative));
    }
    for (String answer : answers) {
      int count = marked(plain(answer)) < 0 ? numbers(plain(answer)).size() : 1;
      if (count != 1) {
        throw new IllegalArgumentException(
            "the answer '%s' has %s number: write one, or use \"contains\" or \"exact\""
                .formatted(answer, count == 0 ? "no" : "more than one"));
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
    String plain = plain(text);
    int mark = marked(plain);
    List<Double> numbers = numbers(mark < 0 ? plain : plain.substring(mark));
    return numbers.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(mark < 0 ? numbers.getLast() : numbers.getFirst());
  }

  /** Without what LaTeX writes in numbers. */
  private static String plain(String text) {
    String plain = text.replace("{,}", ",").replace("\\,", "").replace("\\!", "");
    return LATEX_FRACTION.matcher(plain).replaceAll("$1/$2");
  }

  /** Where the marked number stands; -1 for none. */
  private static int marked(String text) {
    int at = -1;
    Matcher matcher = MARKED.matcher(text);
    while (matcher.find()) {
      at = matcher.end();
    }
    return at;
  }

  private static List<Double> numbers(String text) {
    List<Double> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      double value = value(matcher.group(2));
      if (matcher.group(3) != null) {
        value /= value(matcher.group(3));
      }
      boolean negative = matcher.group(1) != null && !matcher.group(1).equals("+");
      numbers.add(negative ? -value : value);
    }
    return numbers;
  }

  private static double value(String digits) {
    return Double.parseDouble(digits.replace(",", ""));
  }
}
