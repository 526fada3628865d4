package org.resa4j.eval.worksheet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.resa4j.error.InputException;

/**
 * A sheet of shuffled definitions, modulo 10, and its answer: the task of the model that ships.
 *
 * <pre>{@code
 * <bos> #7 dal = kar + 2 - 9 ; #6 kar = 6 - 4 + 5 ; solve #6 ;
 * kar = 6 - 4 + 5 #6 : 6 - 4 = 2 + 5 = 7 ; dal = kar + 2 - 9 #7 : 7 + 2 = 9 - 9 = 0 ; <eos>
 * }</pre>
 *
 * <p>Each line of the answer looks its definition up in the prompt and its operands in lines before
 * it.
 */
public final class Worksheet implements Derivation {
  private static final String CONSONANTS = "bcdfghjklmnpqrstvwxz";
  private static final String VOWELS = "aeiou";
  private static final String ENDINGS = "nrl";
  private static final int MAX_NUMBER = 255;

  /** Words of a line, and where its values stand: three operands, the result between, the last. */
  private static final int LINE = 19;

  private static final int[] VALUES = {9, 11, 13, 15, 17};

  /** A name and its three operands, names or digits, joined by two operators. */
  private record Definition(String name, List<String> operands, List<String> operators) {
    @Override
    public String toString() {
      return "%s = %s %s %s %s %s"
          .formatted(
              name,
              operands.get(0),
              operators.get(0),
              operands.get(1),
              operators.get(1),
              operands.get(2));
    }
  }

  private final String prompt;
  private final TreeMap<Integer, Definition> definitions;

  private Worksheet(String prompt, TreeMap<Integer, Definition> definitions) {
    this.prompt = prompt;
    this.definitions = definitions;
  }

  /**
   * Reads a prompt.
   *
   * @throws InputException if it is no worksheet
   */
  public static Worksheet parse(String prompt) {
    String[] words = prompt.strip().split("\\s+");
    TreeMap<Integer, Definition> definitions = new TreeMap<>();
    int at = words.length > 0 && words[0].equals("<bos>") ? 1 : 0;
    for (; at + 8 < words.length && !words[at].equals("solve"); at += 9) {
      if (!words[at].matches("#\\d+") || !words[at + 2].equals("=") || !words[at + 8].equals(";")) {
        throw new InputException("no definition of a worksheet: " + words[at]);
      }
      definitions.put(
          Integer.parseInt(words[at].substring(1)),
          new Definition(
              words[at + 1],
              List.of(words[at + 3], words[at + 5], words[at + 7]),
              List.of(words[at + 4], words[at + 6])));
    }
    if (definitions.isEmpty() || at >= words.length || !words[at].equals("solve")) {
      throw new InputException("no worksheet: it has no definitions, or no 'solve' after them");
    }
    return new Worksheet(prompt, definitions);
  }

  /**
   * Makes a sheet.
   *
   * @param lines definitions, 1 to 256
   * @param seed of the random choice
   */
  public static Worksheet random(int lines, long seed) {
    if (lines < 1 || lines > MAX_NUMBER + 1) {
      throw new IllegalArgumentException("a sheet has 1 to 256 lines, not " + lines);
    }
    Random random = new Random(seed);
    List<String> names = names();
    Collections.shuffle(names, random);
    int first = random.nextInt(MAX_NUMBER + 2 - lines);
    TreeMap<Integer, Definition> definitions = new TreeMap<>();
    for (int line = 0; line < lines; line++) {
      List<String> operands = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        boolean lookUp = line >= 3 && random.nextInt(3) < (i == 0 ? 2 : 1);
        operands.add(
            lookUp ? names.get(random.nextInt(line)) : Integer.toString(random.nextInt(10)));
      }
      List<String> operators =
          List.of(random.nextBoolean() ? "+" : "-", random.nextBoolean() ? "+" : "-");
      definitions.put(first + line, new Definition(names.get(line), operands, operators));
    }
    List<Integer> order = new ArrayList<>(definitions.keySet());
    Collections.shuffle(order, random);
    StringBuilder prompt = new StringBuilder("<bos> ");
    for (int number : order) {
      prompt.append('#').append(number).append(' ').append(definitions.get(number)).append(" ; ");
    }
    prompt.append("solve #").append(first).append(" ;");
    return new Worksheet(prompt.toString(), definitions);
  }

  /** The names that the model has a token for. */
  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (char vowel : VOWELS.toCharArray()) {
      for (char first : CONSONANTS.toCharArray()) {
        for (char last : ENDINGS.toCharArray()) {
          names.add("" + first + vowel + last);
        }
      }
    }
    return new ArrayList<>(names.subList(0, MAX_NUMBER + 1));
  }

  @Override
  public String prompt() {
    return prompt;
  }

  /** The right answer, line by line in the order of the numbers, words separated by spaces. */
  @Override
  public List<String> answer() {
    Map<String, Integer> values = new HashMap<>();
    List<String> lines = new ArrayList<>();
    definitions.forEach(
        (number, definition) -> {
          int a = value(definition.operands.get(0), values);
          int b = value(definition.operands.get(1), values);
          int c = value(definition.operands.get(2), values);
          String first = definition.operators.get(0);
          String second = definition.operators.get(1);
          int between = apply(a, first, b);
          int result = apply(between, second, c);
          values.put(definition.name, result);
          lines.add(
              "%s #%d : %d %s %d = %d %s %d = %d ;"
                  .formatted(definition, number, a, first, b, between, second, c, result));
        });
    return lines;
  }

  /** The values: five digits a line. */
  @Override
  public int[] steps() {
    return IntStream.range(0, definitions.size())
        .flatMap(line -> IntStream.of(VALUES).map(place -> line * LINE + place))
        .toArray();
  }

  private static int value(String operand, Map<String, Integer> values) {
    if (operand.matches("\\d")) {
      return operand.charAt(0) - '0';
    }
    Integer value = values.get(operand);
    if (value == null) {
      throw new InputException("the worksheet uses " + operand + " before it is defined");
    }
    return value;
  }

  private static int apply(int a, String operator, int b) {
    return Math.floorMod(operator.equals("+") ? a + b : a - b, 10);
  }

  /** Counts the right words of an answer, place by place. */
  public Score score(String text) {
    String[] expected = String.join(" ", answer()).split(" ");
    String[] words = text.strip().split("\\s+");
    int right = 0;
    int prefix = 0;
    for (int i = 0; i < expected.length; i++) {
      if (i < words.length && words[i].equals(expected[i])) {
        right++;
        if (prefix == i) {
          prefix++;
        }
      }
    }
    return new Score(expected.length, right, prefix, words.length == expected.length);
  }

  /**
   * How right an answer is.
   *
   * @param words words that it should have
   * @param right how many of them are right in their place
   * @param rightBeforeFirstError how many come before the first error
   * @param rightLength whether it ends where it should
   */
  public record Score(int words, int right, int rightBeforeFirstError, boolean rightLength) {
    public boolean isPerfect() {
      return right == words && rightLength;
    }
  }
}
