package org.resa4j.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What can be typed in a conversation beside messages. */
enum ChatAction {
  HELP("lists these"),
  CLEAR("begins a new conversation; the system prompt stays"),
  REGENERATE("has the last message answered once more, with another seed"),
  STATS("says what the last answer took"),
  EXIT("ends the session, as Ctrl-D does");

  static final String SIGN = "/";

  /** One word and nothing after it: a path or a sentence that begins with the sign is a message. */
  private static final Pattern COMMAND = Pattern.compile("/[a-z]+");

  private final String does;

  ChatAction(String does) {
    this.does = does;
  }

  String typed() {
    return SIGN + name().toLowerCase(Locale.ROOT);
  }

  String does() {
    return does;
  }

  /** Whether a message is a command, known or not. */
  static boolean isCommand(String message) {
    return COMMAND.matcher(message.strip()).matches();
  }

  static Optional<ChatAction> of(String message) {
    return Arrays.stream(values()).filter(each -> each.typed().equals(message.strip())).findFirst();
  }

  /** All of it, a line each. */
  static String help() {
    StringBuilder text = new StringBuilder();
    for (ChatAction each : values()) {
      text.append("%-12s %s%n".formatted(each.typed(), each.does()));
    }
    return text
        + "%-12s begins a message of several lines, and ends it%n".formatted(Block.QUOTES)
        + "%-12s stops an answer; at the prompt, twice, ends the session".formatted("Ctrl-C");
  }
}
