package org.resa4j;

/** Something that was handed in is at fault: a file, a model, a prompt, a setting. */
public final class InputException extends ResaException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message, null);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
