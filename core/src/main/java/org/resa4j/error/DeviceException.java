package org.resa4j.error;

import java.util.List;

/** A device, its driver or its memory is at fault. */
public sealed class DeviceException extends ResaException permits DeviceMemoryException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message, null, List.of());
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause, List.of());
  }

  /**
   * @param settings whose change helps
   */
  public DeviceException(String message, List<Setting> settings) {
    super(message, null, settings);
  }
}
