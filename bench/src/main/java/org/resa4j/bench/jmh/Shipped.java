package org.resa4j.bench.jmh;

import java.nio.file.Path;

/** Where the model that ships is. */
final class Shipped {
  static final String MODEL = "models/clerk";

  private Shipped() {}

  /** A directory, from the project's own where it is relative. */
  static Path resolve(String directory) {
    return Path.of(System.getProperty("resa.home", ".")).resolve(directory);
  }
}
