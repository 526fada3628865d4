package org.resa4j.eval.task;

import java.util.List;
import java.util.OptionalInt;
import org.resa4j.eval.check.Checker;
import tools.jackson.databind.JsonNode;

/**
 * A prompt, and what tells a right answer to it.
 *
 * @param id tells it from all other tasks of an evaluation
 * @param family what it is counted with in tables
 * @param prompt as the model gets it
 * @param answers as the task file has them; none where the checker finds them out itself
 * @param checker checks what the model writes
 * @param maxTokens the most tokens to write, where the task says so
 * @param metadata the file's, an object or missing
 */
public record Task(
    String id,
    String family,
    String prompt,
    List<String> answers,
    Checker checker,
    OptionalInt maxTokens,
    JsonNode metadata) {
  /**
   * @throws IllegalArgumentException for an empty id or prompt, or no tokens
   */
  public Task {
    if (id.isBlank() || prompt.isBlank()) {
      throw new IllegalArgumentException("a task needs an id and a prompt");
    }
    if (maxTokens.isPresent() && maxTokens.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "\"max_tokens\" must be at least 1, was " + maxTokens.getAsInt());
    }
    answers = List.copyOf(answers);
  }
}
