package org.resa4j.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads configuration files, with errors that name file and key. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /**
   * Reads a JSON object.
   *
   * @throws InputException if the file is missing, unreadable or not a JSON object
   */
  public static JsonNode read(Path file) {
    try {
      JsonNode root = MAPPER.readTree(Files.readString(file));
      if (!root.isObject()) {
        throw new InputException(file + ": not a JSON object");
      }
      return root;
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new InputException(file + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static int positive(Path file, JsonNode root, String key) {
    JsonNode node = root.path(key);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1) {
      throw new InputException(
          "%s: %s must be a whole number from 1, is %s"
              .formatted(file, key, node.isMissingNode() ? "missing" : node.toString()));
    }
    return node.asInt();
  }

  static double number(Path file, JsonNode root, String key) {
    JsonNode node = root.path(key);
    if (!node.isNumber()) {
      throw new InputException(
          "%s: %s must be a number, is %s"
              .formatted(file, key, node.isMissingNode() ? "missing" : node.toString()));
    }
    return node.asDouble();
  }
}
