package org.resa4j.eval.drift;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.resa4j.error.InputException;
import org.resa4j.eval.task.Task;
import org.resa4j.eval.worksheet.Derivation;
import org.resa4j.tokenizer.Tokenizer;
import tools.jackson.databind.JsonNode;

/**
 * Makes texts of tasks: the prompt as it is, and the right answer, each in tokens of its own.
 *
 * <p>The answer is the one that the task's checker derives, else the task's own (of several, all,
 * with blanks between). Scored are the words of the answer, from 0, that {@code metadata.scored}
 * lists, else those that the derivation says have to be computed, else all tokens.
 */
final class ForcedTexts {
  private final Tokenizer tokenizer;
  private final boolean all;

  /**
   * @param all score all tokens, whatever a task says
   */
  ForcedTexts(Tokenizer tokenizer, boolean all) {
    this.tokenizer = tokenizer;
    this.all = all;
  }

  /**
   * @return empty for an answer that has nothing to score: the prefill predicts its first token
   * @throws InputException for a task without an answer, or with words to be scored that are not
   *     tokens
   */
  Optional<ForcedText> of(Task task) {
    Optional<Derivation> derivation = task.checker().derivation();
    String answer =
        String.join(" ", derivation.map(Derivation::answer).orElse(task.answers())).strip();
    if (answer.isEmpty()) {
      throw new InputException(
          "task '%s' has no answer: a text needs its right one".formatted(task.id()));
    }
    int[] prompt = tokenizer.encode(task.prompt(), true);
    int[] words = tokenizer.encode(answer, false);
    int[] tokens = Arrays.copyOf(prompt, prompt.length + words.length);
    System.arraycopy(words, 0, tokens, prompt.length, words.length);
    JsonNode listed = task.metadata().path("scored");
    if (all || (listed.isMissingNode() && derivation.isEmpty())) {
      return words.length < 2
          ? Optional.empty()
          : Optional.of(ForcedText.whole(task.id(), tokens, prompt.length));
    }
    if (words.length != answer.split("\\s+").length) {
      throw new InputException(
          "task '%s' says which words are scored, and this model's tokens are not words: take"
                  .formatted(task.id())
              + " --score-all");
    }
    int[] places =
        listed.isMissingNode()
            ? derivation.orElseThrow().steps()
            : StreamSupport.stream(listed.spliterator(), false)
                .mapToInt(place -> place(task, place))
                .toArray();
    // The prefill predicts the first word.
    int[] scored =
        Arrays.stream(places)
            .filter(place -> place > 0)
            .map(place -> prompt.length + place)
            .toArray();
    return scored.length == 0
        ? Optional.empty()
        : Optional.of(new ForcedText(task.id(), tokens, prompt.length, scored));
  }

  private static int place(Task task, JsonNode place) {
    if (!place.isInt()) {
      throw new InputException(
          "task '%s': \"scored\" lists places of words, such as 5, not %s"
              .formatted(task.id(), place));
    }
    return place.intValue();
  }
}
