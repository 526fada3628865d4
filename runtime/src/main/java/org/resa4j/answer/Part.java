package org.resa4j.answer;

/** A piece of an answer. */
public sealed interface Part {

  /** What the model thought before it answered. */
  record Reasoning(String text) implements Part {}

  /** The answer. */
  record Content(String text) implements Part {}

  /**
   * A whole call of a tool.
   *
   * @param arguments the text of a JSON object
   */
  record Call(String name, String arguments) implements Part {}
}
