package org.resa4j.error;

import java.util.List;

/** What was asked for does not fit into a device's memory or its arrays; nothing was allocated. */
public final class DeviceMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  private final long neededBytes;
  private final long availableBytes;

  /**
   * @param neededBytes what it takes; the largest long where it is more than that
   * @param availableBytes what there is
   * @param settings whose change helps
   */
  public DeviceMemoryException(
      String message, long neededBytes, long availableBytes, List<Setting> settings) {
    super(message, settings);
    this.neededBytes = neededBytes;
    this.availableBytes = availableBytes;
  }

  public long neededBytes() {
    return neededBytes;
  }

  public long availableBytes() {
    return availableBytes;
  }
}
