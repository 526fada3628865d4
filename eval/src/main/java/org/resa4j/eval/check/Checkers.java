package org.resa4j.eval.check;

import java.util.List;
import java.util.Set;
import org.resa4j.eval.worksheet.Ledger;
import org.resa4j.eval.worksheet.Worksheet;
import tools.jackson.databind.JsonNode;

/**
 * Makes checkers from what a task file says: a name, or an object with {@code type} and settings.
 */
public final class Checkers {
  private static final double EXACT_NUMBER = 1e-6;

  private Checkers() {}

  /**
   * Makes a checker.
   *
   * @param spec {@code "exact"}, {@code "numeric"}, {@code "contains"}, {@code "worksheet"}, {@code
   *     "ledger"}, or {@code {"type": "numeric", "tolerance": 0.5, "relative": 0.01}}
   * @param prompt what derivations are made from
   * @param answers what other checkers compare with
   * @throws IllegalArgumentException if there is no such checker or setting, or it cannot check
   *     this task; says what to do
   * @throws org.resa4j.error.InputException if a derivation's prompt is none
   */
  public static Checker of(JsonNode spec, String prompt, List<String> answers) {
    String type = spec.isObject() ? spec.path("type").asString("") : spec.asString("");
    return switch (type) {
      case "exact" -> allowing(spec, Set.of(), new ExactChecker(answers));
      case "contains" -> allowing(spec, Set.of(), new ContainsChecker(answers));
      case "numeric" ->
          allowing(
              spec,
              Set.of("tolerance", "relative"),
              new NumericChecker(
                  answers, number(spec, "tolerance", EXACT_NUMBER), number(spec, "relative", 0)));
      case "worksheet" -> allowing(spec, Set.of(), new DerivationChecker(Worksheet.parse(prompt)));
      case "ledger" -> allowing(spec, Set.of(), new DerivationChecker(Ledger.parse(prompt)));
      default ->
          throw new IllegalArgumentException(
              "there is no checker %s: \"checker\" is exact, contains, numeric, worksheet or ledger,"
                      .formatted(spec)
                  + " or an object with such a \"type\"; tasks with \"choices\" need none");
    };
  }

  /** The checker of answers that name none: GSM8K's are derivations, whose number counts alone. */
  public static String usual(List<String> answers) {
    return answers.stream().anyMatch(answer -> answer.contains(NumericChecker.MARK))
        ? "numeric"
        : "exact";
  }

  /**
   * A multiple choice.
   *
   * @param right index of the right choice
   */
  public static Checker choice(List<String> choices, int right) {
    return new ChoiceChecker(choices, right);
  }

  private static Checker allowing(JsonNode spec, Set<String> settings, Checker checker) {
    spec.propertyNames().stream()
        .filter(name -> !name.equals("type") && !settings.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "the checker has no setting \"%s\", only %s".formatted(name, settings));
            });
    return checker;
  }

  private static double number(JsonNode spec, String name, double otherwise) {
    JsonNode value = spec.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          "the checker's \"%s\" must be a number, is %s".formatted(name, value));
    }
    return value.doubleValue();
  }
}
