package org.resa4j.cli.hub;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param name without folders
 * @param bytes its size
 * @param checksum what its contents are held against
 */
record RemoteFile(String name, long bytes, Checksum checksum) {
  /** A name that is a file's wherever it lands: no folder, no device, nothing hidden. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}");

  /**
   * @throws IllegalArgumentException for a name that {@link #isPlain} refuses, or a negative size
   */
  RemoteFile {
    if (!isPlain(name)) {
      throw new IllegalArgumentException("'%s' is no file's name".formatted(name));
    }
    if (bytes < 0) {
      throw new IllegalArgumentException(name + ": a size of " + bytes);
    }
    Objects.requireNonNull(checksum);
  }

  static boolean isPlain(String name) {
    return NAME.matcher(name).matches();
  }
}
