package org.resa4j.eval.drift;

import java.util.Arrays;

/**
 * A text whose tokens are given: a prompt and its right answer, of which some tokens are scored.
 *
 * <p>The token at index i is predicted by the step at position i - 1, the query. The first token of
 * the answer is predicted by the prefill, which is dense under every setting, so it is never
 * scored.
 *
 * @param id what results call it
 * @param tokens the prompt's and the answer's
 * @param promptLength tokens of the prompt, encoded densely under every setting
 * @param scored indices into {@code tokens}, ascending
 */
record ForcedText(String id, int[] tokens, int promptLength, int[] scored) {
  /**
   * @throws IllegalArgumentException for a text without prompt or scored token, and for scored
   *     indices out of order or not behind the answer's first token
   */
  ForcedText {
    if (promptLength < 1 || scored.length == 0) {
      throw new IllegalArgumentException(
          "text %s has %d prompt tokens and %d scored ones, needs one of each"
              .formatted(id, promptLength, scored.length));
    }
    int before = promptLength;
    for (int index : scored) {
      if (index <= before || index >= tokens.length) {
        throw new IllegalArgumentException(
            "text %s: scored index %d is not above %d and below %d"
                .formatted(id, index, before, tokens.length));
      }
      before = index;
    }
    tokens = tokens.clone();
    scored = scored.clone();
  }

  /** The same text with all tokens scored that can be. */
  static ForcedText whole(String id, int[] tokens, int promptLength) {
    int[] scored = new int[Math.max(0, tokens.length - promptLength - 1)];
    Arrays.setAll(scored, i -> promptLength + 1 + i);
    return new ForcedText(id, tokens, promptLength, scored);
  }

  /** The same text with only the last {@code count} of its scored tokens scored. */
  ForcedText last(int count) {
    int from = Math.max(0, scored.length - count);
    return new ForcedText(
        id, tokens, promptLength, Arrays.copyOfRange(scored, from, scored.length));
  }

  /** Position of the first step whose logits are scored. */
  int firstQuery() {
    return scored[0] - 1;
  }

  /** Position behind the last step whose logits are scored: tokens cached at the end. */
  int end() {
    return scored[scored.length - 1];
  }
}
