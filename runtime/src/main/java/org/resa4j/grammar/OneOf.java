package org.resa4j.grammar;

import java.util.List;
import java.util.Objects;

/**
 * One of several texts.
 *
 * @param left those that it can still be
 */
public record OneOf(List<TextState> left) implements TextState {
  public OneOf {
    left = List.copyOf(left);
  }

  @Override
  public TextState next(char character) {
    List<TextState> next =
        left.stream().map(each -> each.next(character)).filter(Objects::nonNull).toList();
    return next.isEmpty() ? null : next.size() == 1 ? next.getFirst() : new OneOf(next);
  }

  @Override
  public boolean isComplete() {
    return left.stream().anyMatch(TextState::isComplete);
  }
}
