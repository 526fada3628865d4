package org.resa4j.cli;

import java.nio.file.Path;

/** Where the launcher keeps its files, and this program what it may forget. */
final class ResaFolder {
  private ResaFolder() {}

  /** What {@code RESA_HOME} names, else {@code .resa4j} in the user's folder. */
  static Path path() {
    String folder = System.getenv("RESA_HOME");
    return folder != null && !folder.isEmpty()
        ? Path.of(folder)
        : Path.of(System.getProperty("user.home", ""), ".resa4j");
  }
}
