package org.resa4j.error;

import java.util.List;

/** Something that was handed in is at fault: a file, a model, a prompt, a setting. */
public sealed class InputException extends ResaException
    permits LimitException,
        ModelChangedException,
        NonFiniteException,
        SchemaException,
        UnsupportedException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message, null, List.of());
  }

  public InputException(String message, Throwable cause) {
    super(message, cause, List.of());
  }

  /**
   * @param settings whose change helps
   */
  public InputException(String message, List<Setting> settings) {
    super(message, null, settings);
  }
}
