package org.resa4j.answer;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells what a model thinks, between {@code <think>} and {@code </think>}, from its answer. White
 * space around the marks belongs to neither. An answer that does not begin with the mark has no
 * reasoning; a text that ends before the mark of the end has nothing else.
 */
final class Reasoning implements Stage {
  static final String BEGIN = "<think>";
  static final String END = "</think>";

  private enum State {
    UNDECIDED,
    BEGINS,
    THINKS,
    ENDS,
    ANSWERS
  }

  private final Stage answer;
  private final Held held = new Held();
  private State state;

  /**
   * @param answer what the rest goes to
   * @param begun whether the prompt has the mark of the begin already
   */
  Reasoning(Stage answer, boolean begun) {
    this.answer = answer;
    state = begun ? State.BEGINS : State.UNDECIDED;
  }

  /** Whether the text is known to be the model's thoughts still. */
  boolean thinks() {
    return state == State.BEGINS || state == State.THINKS;
  }

  @Override
  public List<Part> add(String text) {
    if (state == State.ANSWERS) {
      return answer.add(text);
    }
    held.add(text);
    List<Part> parts = new ArrayList<>();
    advance(parts);
    return parts;
  }

  private void advance(List<Part> parts) {
    if (state == State.UNDECIDED) {
      if (held.beginsWith(BEGIN)) {
        held.takeThrough(BEGIN);
        state = State.BEGINS;
      } else if (!held.mayBeginWith(BEGIN)) {
        state = State.ANSWERS;
        parts.addAll(answer.add(held.takeAll()));
      }
    }
    if (state == State.BEGINS) {
      held.stripLeading();
      state = held.isEmpty() ? State.BEGINS : State.THINKS;
    }
    if (state == State.THINKS) {
      String last = held.takeThrough(END);
      think(parts, last == null ? held.takeBefore(END) : last.stripTrailing());
      state = last == null ? State.THINKS : State.ENDS;
    }
    if (state == State.ENDS) {
      held.stripLeading();
      if (!held.isEmpty()) {
        state = State.ANSWERS;
        parts.addAll(answer.add(held.takeAll()));
      }
    }
  }

  private static void think(List<Part> parts, String text) {
    if (!text.isEmpty()) {
      parts.add(new Part.Reasoning(text));
    }
  }

  @Override
  public List<Part> finish() {
    List<Part> parts = new ArrayList<>();
    if (state == State.THINKS) {
      think(parts, held.takeAll().stripTrailing());
    } else if (state == State.UNDECIDED) {
      parts.addAll(answer.add(held.takeAll()));
    }
    parts.addAll(answer.finish());
    return parts;
  }
}
