package org.resa4j.error;

import java.util.List;

/**
 * What a model computed, or a weight of it, is NaN or infinite: no text can be written with it. The
 * message names the tensor, or the step.
 */
public final class NonFiniteException extends InputException {
  private static final long serialVersionUID = 1L;

  /**
   * @param settings whose change may help
   */
  public NonFiniteException(String message, List<Setting> settings) {
    super(message, settings);
  }
}
