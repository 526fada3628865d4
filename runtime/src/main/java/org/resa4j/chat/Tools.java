package org.resa4j.chat;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tools that a model may or must call.
 *
 * @param definitions as the chat template prints them, plain data: {@code {"type": "function",
 *     "function": {"name", "description", "parameters"}}}; none where the model may call none
 * @param names of their functions
 * @param choice whether one must be called
 * @param named the one that must be, of several
 */
public record Tools(
    List<Object> definitions, Set<String> names, Choice choice, Optional<String> named) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** What a name must be. */
  public static final String NAME_RULE = "1 to 64 letters, digits, _ and -";

  /** Whether tools are called. */
  public enum Choice {
    AUTO,
    REQUIRED
  }

  /** No tools. */
  public static final Tools NONE = new Tools(List.of(), Set.of(), Choice.AUTO, Optional.empty());

  /**
   * @throws IllegalArgumentException for another number of names than of definitions, a name that
   *     is none, a call that must be made and cannot
   */
  public Tools {
    definitions = List.copyOf(definitions);
    names = Set.copyOf(names);
    Objects.requireNonNull(choice, "a choice");
    if (names.size() != definitions.size()) {
      throw new IllegalArgumentException(
          "%d tools have %d names".formatted(definitions.size(), names.size()));
    }
    for (String name : names) {
      if (!isName(name)) {
        throw new IllegalArgumentException(
            "a tool's name must be %s, was %s".formatted(NAME_RULE, name));
      }
    }
    if (choice == Choice.REQUIRED && definitions.isEmpty()) {
      throw new IllegalArgumentException("there is no tool that could be called");
    }
    if (named.isPresent() && (choice != Choice.REQUIRED || !names.contains(named.get()))) {
      throw new IllegalArgumentException(named.get() + " is no tool that must be called");
    }
  }

  /** Whether a function may have a name. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return definitions.isEmpty();
  }
}
