package org.resa4j;

/** What was asked for does not fit into a device's memory or its arrays; nothing was allocated. */
public final class DeviceMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message) {
    super(message);
  }

  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
