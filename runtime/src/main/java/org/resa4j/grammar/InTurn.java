package org.resa4j.grammar;

import java.util.List;
import java.util.stream.Stream;

/**
 * One text after the other. A text is left when it is complete and the character is none of its
 * own.
 *
 * @param now the one that is written
 * @param then those after it
 */
public record InTurn(TextState now, List<TextState> then) implements TextState {
  public InTurn {
    then = List.copyOf(then);
  }

  /** These, at least one. */
  public static TextState of(List<TextState> all) {
    return all.size() == 1
        ? all.getFirst()
        : new InTurn(all.getFirst(), all.subList(1, all.size()));
  }

  @Override
  public TextState next(char character) {
    TextState next = now.next(character);
    if (next != null) {
      return new InTurn(next, then);
    }
    return now.isComplete() && !then.isEmpty() ? of(then).next(character) : null;
  }

  @Override
  public boolean isComplete() {
    return now.isComplete() && (then.isEmpty() || of(then).isComplete());
  }

  @Override
  public TextState within(int length) {
    return new InTurn(now.within(length), then);
  }

  /** That of the first part which has one of its own. */
  @Override
  public Object grammar() {
    return Stream.concat(Stream.of(now), then.stream())
        .map(TextState::grammar)
        .filter(own -> own != TextState.class)
        .findFirst()
        .orElse(TextState.class);
  }
}
