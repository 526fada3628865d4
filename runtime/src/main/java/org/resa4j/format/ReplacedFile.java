package org.resa4j.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.UUID;
import org.resa4j.error.InputException;

/** A file that is written beside the one it replaces, and takes its place when it is whole. */
public final class ReplacedFile {
  private ReplacedFile() {}

  /** Writes a file that is not there yet. */
  @FunctionalInterface
  public interface Maker {
    /**
     * @param part what to write instead of the file; its name ends as the file's
     */
    void make(Path part) throws IOException;
  }

  /** Writes a file's contents. */
  @FunctionalInterface
  public interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file; of a link, the file that it leads to. One that is replaced keeps its
   * permissions.
   *
   * @throws InputException if it cannot be written, with the reason; what was there is still there
   *     then
   */
  public static void write(Path file, Contents contents) {
    make(
        file,
        part -> {
          try (OutputStream out =
              new BufferedOutputStream(
                  Files.newOutputStream(
                      part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  1 << 16)) {
            contents.writeTo(out);
          }
        });
  }

  /**
   * The same, of a file that is written by its path.
   *
   * @throws InputException as above; what the maker throws is passed on
   */
  public static void make(Path file, Maker maker) {
    Path target = target(file);
    Path part = target.resolveSibling("." + UUID.randomUUID() + "." + target.getFileName());
    try {
      maker.make(part);
      keepPermissions(target, part);
      move(part, target);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + reason(e, target), e);
    } finally {
      deleteQuietly(part);
    }
  }

  private static Path target(Path file) {
    if (file.getFileName() == null || file.toString().isEmpty()) {
      throw new InputException("'%s' is no file's name".formatted(file));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new InputException(file + ": is no regular file");
    }
    try {
      return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + reason(e, file), e);
    }
  }

  private static String reason(IOException e, Path target) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no directory " + target.getParent();
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException fault when fault.getReason() != null -> fault.getReason();
      default -> e.getMessage();
    };
  }

  private static void keepPermissions(Path target, Path part) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(part, PosixFileAttributeView.class);
    if (view != null && Files.exists(target)) {
      view.setPermissions(Files.getPosixFilePermissions(target));
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // What went wrong before is what is told.
    }
  }
}
