package org.resa4j.error;

import java.util.List;

/** As many requests wait as may; nothing was done. Asking again later helps. */
public final class BusyException extends ResaException {
  private static final long serialVersionUID = 1L;

  private final int limit;

  /**
   * @param limit requests that may be open at a time
   */
  public BusyException(int limit) {
    super(
        "%d texts are being written or wait for their turn, which is all that may".formatted(limit),
        null,
        List.of());
    this.limit = limit;
  }

  /** Requests that may be open at a time, those that wait included. */
  public int limit() {
    return limit;
  }
}
