package org.resa4j.cli;

import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command line that asks for what cannot be: wrong values, or options that exclude each other.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A record's component at the beginning of a message: keepRatio is ... */
  private static final Pattern COMPONENT =
      Pattern.compile("^[a-z]+(?:[A-Z][a-z]*)*(?= (?:is|must|begins)\\b)");

  public UsageException(String message) {
    super(message);
  }

  private UsageException(String message, IllegalArgumentException cause) {
    super(message, cause);
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
      throw new UsageException(e.getMessage(), e);
    }
  }

  /**
   * The same where each component is an option of its name, which is then said as that option:
   * {@code keepRatio} as {@code --keep-ratio}.
   *
   * @throws UsageException if it cannot be made of them
   */
  static <T> T unlessMadeOfOptions(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new UsageException(withOptions(e.getMessage()), e);
    }
  }

  private static String withOptions(String message) {
    Matcher component = COMPONENT.matcher(message);
    return component.find()
        ? "--"
            + component.group().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
            + message.substring(component.end())
        : message;
  }
}
