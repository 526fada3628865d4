package org.resa4j.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.resa4j.error.InputException;

/**
 * Where the tokenizers library unpacks its native code. Where it cannot, it says so in words that
 * name no folder.
 *
 * <p>Source: {@code ai.djl.util.Utils.getEngineCacheDir} of DJL 0.38.
 */
final class NativeFolder {
  private static final String VARIABLE = "DJL_CACHE_DIR";
  private static final List<String> VARIABLES = List.of("ENGINE_CACHE_DIR", VARIABLE);

  private NativeFolder() {}

  /** A line for a fault of loading that comes from a folder which cannot be written. */
  static Optional<String> advice(InputException fault) {
    return String.valueOf(fault.getMessage()).contains("native library")
        ? unwritable(folder())
            .map(
                folder ->
                    ("it is unpacked into a folder that cannot be written: %s; %s=FOLDER before the"
                            + " command names another")
                        .formatted(folder, VARIABLE))
        : Optional.empty();
  }

  static Path folder() {
    Path base =
        VARIABLES.stream()
            .flatMap(name -> Stream.of(System.getenv(name), System.getProperty(name)))
            .filter(value -> value != null && !value.isEmpty())
            .findFirst()
            .map(Path::of)
            .orElseGet(NativeFolder::usual);
    return base.resolve("tokenizers");
  }

  private static Path usual() {
    Path home = Path.of(System.getProperty("user.home", ""));
    return (Files.isWritable(home) ? home : Path.of(System.getProperty("java.io.tmpdir")))
        .resolve(".djl.ai");
  }

  /** The folder, or one of a version in it, if no file can be made there. */
  static Optional<Path> unwritable(Path folder) {
    if (!takesFiles(folder)) {
      return Optional.of(folder);
    }
    List<Path> versions = new ArrayList<>();
    try (DirectoryStream<Path> inside = Files.newDirectoryStream(folder, Files::isDirectory)) {
      inside.forEach(versions::add);
    } catch (IOException e) {
      return Optional.of(folder);
    }
    return versions.stream().filter(version -> !takesFiles(version)).findFirst();
  }

  private static boolean takesFiles(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "resa", null));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
