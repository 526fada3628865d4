package org.resa4j.answer;

import java.util.List;

/** An answer that calls nothing. */
final class PlainContent implements Stage {
  @Override
  public List<Part> add(String text) {
    return text.isEmpty() ? List.of() : List.of(new Part.Content(text));
  }

  @Override
  public List<Part> finish() {
    return List.of();
  }
}
