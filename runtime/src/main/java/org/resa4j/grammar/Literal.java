package org.resa4j.grammar;

/**
 * A given text.
 *
 * @param at how much of it has been written
 */
public record Literal(String text, int at) implements TextState {

  /** Before its first character. */
  public Literal(String text) {
    this(text, 0);
  }

  @Override
  public TextState next(char character) {
    return at < text.length() && text.charAt(at) == character ? new Literal(text, at + 1) : null;
  }

  @Override
  public boolean isComplete() {
    return at == text.length();
  }
}
