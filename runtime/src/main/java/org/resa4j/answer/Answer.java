package org.resa4j.answer;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A chat's answer as it comes: reasoning, content and calls. Not thread-safe. */
public final class Answer {
  private final Reasoning reasoning;

  /**
   * @param thinks whether the prompt ends with the mark that begins reasoning
   * @param form how tools are called; empty where there are none
   * @param tools their names
   */
  public Answer(boolean thinks, Optional<ToolForm> form, Set<String> tools) {
    Stage rest = form.map(each -> each.stage(tools)).orElseGet(PlainContent::new);
    reasoning = new Reasoning(rest, thinks);
  }

  /** Whether a prompt ends with the mark that begins reasoning. */
  public static boolean thinks(String prompt) {
    return prompt.stripTrailing().endsWith(Reasoning.BEGIN);
  }

  /** What an answer has to write first where it must not think, and its prompt has it think. */
  public static String endOfThinking() {
    return Reasoning.END + "\n\n";
  }

  /** Whether what comes is reasoning, as far as is known. */
  public boolean isThinking() {
    return reasoning.thinks();
  }

  /** Takes some text; returns what is certain with it. */
  public List<Part> add(String text) {
    return reasoning.add(text);
  }

  /** The text has ended; returns the rest. */
  public List<Part> finish() {
    return reasoning.finish();
  }
}
