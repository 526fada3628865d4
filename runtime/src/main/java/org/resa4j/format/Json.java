package org.resa4j.format;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
  private static final long MOST_BYTES = 64L << 20;

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
   * @throws InputException if the file is missing, unreadable, larger than 64 MiB or not a JSON
   *     object
   */
  public static JsonNode read(Path file) {
    return parse(file, text(file, MOST_BYTES));
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
          file
              + (isLfsPointer(text)
                  ? ": " + LFS_REMEDY
                  : ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
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
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses what is there and no plain file: a directory, or a pipe, whose reading may never end.
   *
   * @throws InputException as said
   */
  static void checkPlain(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new InputException(
          file + (Files.isDirectory(file) ? ": a directory, not a file" : ": not a plain file"));
    }
  }

  static final String LFS_REMEDY =
      "a Git LFS pointer, not the file itself; run 'git lfs pull' in the directory";

  static boolean isLfsPointer(String beginning) {
    return beginning.startsWith(LFS);
  }
}
