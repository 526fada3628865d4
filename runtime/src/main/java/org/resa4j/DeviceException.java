package org.resa4j;

/** A device, its driver or its memory is at fault. */
public final class DeviceException extends ResaException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message, null);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
