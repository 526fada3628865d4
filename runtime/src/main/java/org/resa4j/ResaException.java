package org.resa4j;

/** An error that a user can act on; the message says what to do. */
public abstract sealed class ResaException extends RuntimeException
    permits InputException, DeviceException {
  private static final long serialVersionUID = 1L;

  ResaException(String message, Throwable cause) {
    super(message, cause);
  }
}
