package org.resa4j.format;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a model directory's JSON files. As the library that writes them does, it takes NaN and
 * Infinity for numbers; unlike it, it refuses a key that stands twice.
 */
public final class Json {
  /** Far above any configuration; the files are read whole. */
  private static final long MOST_BYTES = 8L << 20;

  private static final String LFS = "version https://git-lfs.github.com/spec/";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Json() {}

  /**
   * Reads a JSON object.
   *
   * @throws InputException if the file is missing, unreadable, larger than 8 MiB or not a JSON
   *     object
   */
  public static JsonNode read(Path file) {
    return parse(file, text(file));
  }

  /**
   * The text of a JSON file.
   *
   * @throws InputException if it is missing, unreadable or larger than 8 MiB
   */
  public static String text(Path file) {
    return text(file, MOST_BYTES);
  }

  static JsonNode parse(Path file, String text) {
    try {
      JsonNode root = MAPPER.readTree(text);
      if (!root.isObject()) {
        throw new InputException(file + ": not a JSON object");
      }
      return root;
    } catch (JacksonException e) {
      throw new InputException(
          file + ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (OutOfMemoryError e) {
      // What it took is free again.
      throw new InputException(file + ": takes more memory than there is", e);
    }
  }

  /**
   * A file's text.
   *
   * @param mostBytes the largest file to read
   * @throws InputException if it is missing, no plain file, too large, unreadable or not UTF-8
   */
  public static String text(Path file, long mostBytes) {
    try {
      checkPlain(file);
      long size = Files.size(file);
      if (size > mostBytes) {
        throw new InputException(
            "%s: has %d bytes, at most %d are read".formatted(file, size, mostBytes));
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      if (isLfsPointer(text)) {
        throw new InputException(file + ": " + LFS_REMEDY);
      }
      return text;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Why a file cannot be read; the messages of exceptions are often but its name. */
  public static InputException unreadable(Path file, IOException fault) {
    String why =
        switch (fault) {
          case NoSuchFileException e -> "no such file";
          case AccessDeniedException e -> "cannot be read: permission denied";
          case CharacterCodingException e -> "not UTF-8";
          case ClosedByInterruptException e -> "was not read: the thread was interrupted";
          case FileSystemLoopException e -> "a link that leads to itself";
          default -> "cannot be read: " + fault.getMessage();
        };
    return new InputException(file + ": " + why, fault);
  }

  /**
   * Refuses what is there and no plain file: a directory, a link to nowhere, or a pipe, whose
   * reading may never end.
   *
   * @throws InputException as said
   */
  public static void checkPlain(Path file) {
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      throw new InputException(file + ": a link to what is not there");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new InputException(
          file + (Files.isDirectory(file) ? ": a directory, not a file" : ": not a plain file"));
    }
  }

  public static final String LFS_REMEDY =
      "a Git LFS pointer, not the file itself; run 'git lfs pull' in the directory";

  /** Whether what a file begins with is a Git LFS pointer. */
  public static boolean isLfsPointer(String beginning) {
    return beginning.startsWith(LFS);
  }
}
