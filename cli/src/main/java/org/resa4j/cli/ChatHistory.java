package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Where the messages of earlier conversations are kept, for the keys that bring them back. */
final class ChatHistory {
  private static final String NAME = "chat-history";

  private ChatHistory() {}

  /** The launcher's folder's file. Empty where it cannot be written: then there is no history. */
  static Optional<Path> file() {
    return file(ResaFolder.path());
  }

  static Optional<Path> file(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      Files.createDirectories(folder);
      if (!Files.exists(file)) {
        create(file);
      }
      Files.newByteChannel(file, StandardOpenOption.APPEND).close();
      return Optional.of(file);
    } catch (IOException | SecurityException e) {
      return Optional.empty();
    }
  }

  /** For nobody else to read, where the file system knows of that. */
  private static void create(Path file) throws IOException {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (UnsupportedOperationException e) {
      Files.createFile(file);
    }
  }
}
