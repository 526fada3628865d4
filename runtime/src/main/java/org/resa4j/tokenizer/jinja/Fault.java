package org.resa4j.tokenizer.jinja;

/**
 * What is wrong with an expression, for those who do not know where it stands; {@link
 * JinjaTemplate} makes an InputException with the line of it.
 */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Fault(String message) {
    super(message, null, false, false);
  }
}
