package org.resa4j.error;

import java.util.List;

/** An error that a user can act on; the message says what was asked for and what there is. */
public abstract sealed class ResaException extends RuntimeException
    permits InputException, DeviceException, BusyException {
  private static final long serialVersionUID = 1L;

  private final List<Setting> settings;

  ResaException(String message, Throwable cause, List<Setting> settings) {
    super(message, cause);
    this.settings = List.copyOf(settings);
  }

  /** Settings whose change helps, the likeliest first; none where no setting does. */
  public List<Setting> settings() {
    return settings;
  }
}
