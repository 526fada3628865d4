package org.resa4j.cli;

import java.util.Optional;

/** Where a conversation is typed and read. */
interface ChatConsole extends AutoCloseable {

  /** The next message or command, of several lines where it was typed so; empty at the end. */
  Optional<String> read();

  /** Whether a person sits there. */
  boolean isInteractive();

  /** Shows a message that was not typed, as if it had been. */
  void echo(String message);

  /** Prints a part of an answer; returns whether anyone reads it. */
  boolean text(String part);

  /** Ends an answer and its last line. */
  void endText();

  /** Says something that is no part of an answer. */
  void note(String line);

  /** Has an interrupt from the keyboard call {@code stop}, until what is returned is closed. */
  Watch onInterrupt(Runnable stop);

  @Override
  void close();

  /** Something that is heeded until it is closed. */
  @FunctionalInterface
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
