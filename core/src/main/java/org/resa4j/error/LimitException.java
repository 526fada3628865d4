package org.resa4j.error;

import java.util.List;

/** More was asked for than there is room for; nothing was done. */
public final class LimitException extends InputException {
  private static final long serialVersionUID = 1L;

  private final long asked;
  private final long limit;

  /**
   * @param asked what was asked for
   * @param limit the most that can be had
   * @param settings whose change helps
   */
  public LimitException(String message, long asked, long limit, List<Setting> settings) {
    super(message, settings);
    this.asked = asked;
    this.limit = limit;
  }

  /** What was asked for, in the unit that the message names. */
  public long asked() {
    return asked;
  }

  /** The most that can be had, in the same unit. */
  public long limit() {
    return limit;
  }
}
