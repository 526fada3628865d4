package org.resa4j;

/** A device, its driver or its memory is at fault. */
public sealed class DeviceException extends ResaException permits DeviceMemoryException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message, null);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
