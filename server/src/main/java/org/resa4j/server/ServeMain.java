package org.resa4j.server;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.resa4j.cli.CommandLines;

/** The server's process: {@code resa serve}. */
public final class ServeMain {
  /** Held, since the JVM forgets levels of loggers that nobody holds. */
  private static final Logger SERVER_LOG = Logger.getLogger("io.helidon");

  private ServeMain() {}

  public static void main(String[] args) {
    // Which says where it listens, as we do, and what it is made of.
    SERVER_LOG.setLevel(Level.WARNING);
    CommandLines.main(CommandLines.of(new ServeCommand()), args);
  }
}
