package org.resa4j.cli;

import java.util.function.Supplier;

/**
 * A command line that asks for what cannot be: wrong values, or options that exclude each other.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  private UsageException(IllegalArgumentException cause) {
    super(cause.getMessage(), cause);
  }

  /**
   * A value made of options: what it says is wrong with it is wrong with them.
   *
   * @throws UsageException if it cannot be made of them
   */
  public static <T> T unlessMade(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new UsageException(e);
    }
  }
}
