package org.resa4j.error;

import java.util.List;

/** A file of a model was written while the model is in use, which cannot go on with it. */
public final class ModelChangedException extends InputException {
  private static final long serialVersionUID = 1L;

  /**
   * @param settings whose change helps
   */
  public ModelChangedException(String message, List<Setting> settings) {
    super(message, settings);
  }
}
