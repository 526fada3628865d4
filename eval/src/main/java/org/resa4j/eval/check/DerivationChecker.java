package org.resa4j.eval.check;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.resa4j.eval.worksheet.Derivation;

/**
 * A program derives the right answer from the prompt, and each of its steps is compared, place by
 * place. Right is a text that ends with the right last line; the score is the share of right steps.
 */
final class DerivationChecker implements Checker {
  private final Derivation derivation;
  private final String[] expected;
  private final int[] steps;
  private final String[] lastLine;

  DerivationChecker(Derivation derivation) {
    this.derivation = derivation;
    List<String> lines = derivation.answer();
    expected = Words.of(String.join(" ", lines));
    steps = derivation.steps();
    lastLine = Words.of(lines.getLast());
  }

  @Override
  public Verdict check(String text) {
    String[] words = Words.of(text);
    boolean[] right = new boolean[steps.length];
    for (int i = 0; i < steps.length; i++) {
      right[i] = steps[i] < words.length && words[steps[i]].equals(expected[steps[i]]);
    }
    Steps checked = new Steps(steps, right);
    boolean ends =
        words.length >= lastLine.length
            && Arrays.equals(
                lastLine, Arrays.copyOfRange(words, words.length - lastLine.length, words.length));
    return new Verdict((double) checked.countRight() / checked.count(), ends, Optional.of(checked));
  }

  @Override
  public Optional<Derivation> derivation() {
    return Optional.of(derivation);
  }
}
