package org.resa4j.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What started this program: {@code ./resa}, in a checkout or an archive, or something else that
 * has nothing but the jars, such as jbang.
 */
final class Launcher {
  private Launcher() {}

  /** The folder of {@code ./resa}; empty where something else started this program. */
  static Optional<Path> home() {
    return Optional.ofNullable(System.getProperty("resa.home")).map(Path::of);
  }

  /** How a command is started. */
  static String command() {
    return home().isPresent() ? "./resa" : "resa";
  }

  /** Where the devices' installer is. */
  static String setup() {
    return home().isPresent() ? "./setup-tornado.sh" : "setup-tornado.sh in ReSA4J's sources";
  }
}
