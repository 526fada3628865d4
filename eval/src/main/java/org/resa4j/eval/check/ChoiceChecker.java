package org.resa4j.eval.check;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One of several choices, named by its letter or written out. What the text chooses is, in this
 * order: a letter alone on its first line; the choice or the letter after its last "answer"; a
 * letter that the text begins with; a letter in parentheses, the last; the one choice whose text
 * occurs in it. Markup does not count, nor does what follows once the text asks a new question.
 *
 * @param choices at least two, A and so on
 * @param right index of the right one
 */
record ChoiceChecker(List<String> choices, int right) implements Checker {
  private static final Pattern MARKUP =
      Pattern.compile("\\\\(?:boxed|text|textbf|mathrm|mathbf)\\b|[*_`${}]");
  private static final Pattern NEXT_QUESTION = Pattern.compile("\\R\\s*(?:Question|Q)\\s*\\d*[:.]");
  private static final Pattern ALONE = Pattern.compile("^\\s*\\(?([A-Z])\\)?[.:]?[ \\t]*(?:\\R|$)");
  private static final Pattern ANSWER = Pattern.compile("(?i)\\banswer(?:\\s+is)?\\s*[:=]?\\s*");
  private static final Pattern LETTER =
      Pattern.compile(
          "^(?i:the\\s+)?(?i:option|choice)?\\s*(?:\\(?([A-Z])(?![\\w'])|\\(([a-z])\\))");
  private static final Pattern FIRST =
      Pattern.compile("^\\s*\\(?([A-Z])(?:[).:,]|\\s+(?:is|because|since)\\b)");
  private static final Pattern IN_PARENTHESES = Pattern.compile("\\(([A-Za-z])\\)");

  /**
   * @throws IllegalArgumentException for fewer than two or more than 26 choices, or no such index
   */
  ChoiceChecker {
    // As texts are: a choice of $5 is written 5 too.
    choices = choices.stream().map(ChoiceChecker::words).toList();
    if (choices.size() < 2 || choices.size() > 26) {
      throw new IllegalArgumentException("\"choices\" must be 2 to 26 texts, are " + choices);
    }
    if (right < 0 || right >= choices.size()) {
      throw new IllegalArgumentException(
          "the answer is none of the %d choices: give its index from 0 or its letter"
              .formatted(choices.size()));
    }
  }

  @Override
  public Verdict check(String text) {
    Matcher question = NEXT_QUESTION.matcher(text);
    String own = question.find() ? text.substring(0, question.start()) : text;
    OptionalInt chosen = chosen(plain(own));
    return Verdict.of(chosen.isPresent() && chosen.getAsInt() == right);
  }

  private OptionalInt chosen(String text) {
    OptionalInt chosen = last(ALONE, text);
    if (chosen.isEmpty()) {
      chosen = afterAnswer(text);
    }
    if (chosen.isEmpty()) {
      chosen = last(FIRST, text);
    }
    if (chosen.isEmpty()) {
      chosen = last(IN_PARENTHESES, text);
    }
    return chosen.isPresent() ? chosen : writtenOut(words(text));
  }

  private static String plain(String text) {
    return MARKUP.matcher(text).replaceAll("");
  }

  private static String words(String text) {
    return Words.joined(plain(text)).toLowerCase(Locale.ROOT);
  }

  /** After "answer" a choice's text goes before a letter: "Answer: A fall in prices" may be C. */
  private OptionalInt afterAnswer(String text) {
    OptionalInt chosen = OptionalInt.empty();
    Matcher matcher = ANSWER.matcher(text);
    while (matcher.find()) {
      String rest = text.substring(matcher.end());
      String words = words(rest);
      OptionalInt named =
          IntStream.range(0, choices.size())
              .filter(i -> choices.get(i).length() > 1 && begins(words, choices.get(i)))
              .boxed()
              .max(Comparator.comparing(i -> choices.get(i).length()))
              .map(OptionalInt::of)
              .orElseGet(() -> last(LETTER, rest));
      if (named.isPresent()) {
        chosen = named;
      }
    }
    return chosen;
  }

  private static boolean begins(String words, String choice) {
    return words.startsWith(choice) && !ContainsChecker.joined(words, choice.length());
  }

  private OptionalInt last(Pattern pattern, String text) {
    OptionalInt letter = OptionalInt.empty();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      String group = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      int index = Character.toUpperCase(group.charAt(0)) - 'A';
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
