package org.resa4j.bench.eval.check;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One of several choices, named by its letter or written out. What the text chooses is, in this
 * order: the letter after its last "answer"; a letter that the text begins with; a letter in
 * parentheses, the last; the one choice whose text occurs in it.
 *
 * @param choices at least two, A and so on
 * @param right index of the right one
 * @throws IllegalArgumentException for fewer than two or more than 26 choices, two alike, or no
 *     such index
 */
record ChoiceChecker(List<String> choices, int right) implements Checker {
  private static final Pattern AFTER_ANSWER =
      Pattern.compile("(?i:answer)(?i:\\s+is)?\\s*[:=]?\\s*\\(?([A-Z])(?![\\w'])");
  private static final Pattern FIRST = Pattern.compile("^\\s*\\(?([A-Z])(?:[).:,]|\\s*$|\\s*\\R)");
  private static final Pattern IN_PARENTHESES = Pattern.compile("\\(([A-Z])\\)");

  ChoiceChecker {
    choices =
        choices.stream().map(choice -> Words.joined(choice).toLowerCase(Locale.ROOT)).toList();
    if (choices.size() < 2
        || choices.size() > 26
        || choices.stream().distinct().count() < choices.size()) {
      throw new IllegalArgumentException(
          "\"choices\" must be 2 to 26 different texts, are " + choices);
    }
    if (right < 0 || right >= choices.size()) {
      throw new IllegalArgumentException(
          "the answer is none of the %d choices: give its index from 0 or its letter"
              .formatted(choices.size()));
    }
  }

  @Override
  public Verdict check(String text) {
    OptionalInt chosen = last(AFTER_ANSWER, text);
    if (chosen.isEmpty()) {
      chosen = last(FIRST, text);
    }
    if (chosen.isEmpty()) {
      chosen = last(IN_PARENTHESES, text);
    }
    if (chosen.isEmpty()) {
      chosen = writtenOut(Words.joined(text).toLowerCase(Locale.ROOT));
    }
    return Verdict.of(chosen.isPresent() && chosen.getAsInt() == right);
  }

  private OptionalInt last(Pattern pattern, String text) {
    OptionalInt letter = OptionalInt.empty();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      int index = matcher.group(1).charAt(0) - 'A';
      // "Answer: I think (B)" names no choice I.
      if (index < choices.size()) {
        letter = OptionalInt.of(index);
      }
    }
    return letter;
  }

  /** A choice that is part of another, such as "blue" of "dark blue", gives way to it. */
  private OptionalInt writtenOut(String text) {
    List<Integer> found =
        IntStream.range(0, choices.size())
            .filter(i -> ContainsChecker.occurs(choices.get(i), text))
            .boxed()
            .toList();
    List<Integer> longest =
        found.stream()
            .filter(
                i ->
                    found.stream()
                        .noneMatch(j -> !i.equals(j) && choices.get(j).contains(choices.get(i))))
            .toList();
    return longest.size() == 1 ? OptionalInt.of(longest.getFirst()) : OptionalInt.empty();
  }
}
