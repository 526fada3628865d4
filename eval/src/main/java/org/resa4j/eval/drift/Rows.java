package org.resa4j.eval.drift;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.resa4j.error.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Saves measured rows as they come: JSON, one to a line.
 *
 * @param <T> a record
 */
final class Rows<T> implements Consumer<T>, AutoCloseable {
  private final Path file;
  private BufferedWriter out;

  Rows(Path file) {
    this.file = file;
  }

  /**
   * Empties the file, when all is ready to measure: a command that cannot start must not cost the
   * rows of an earlier one.
   *
   * @throws InputException if the file cannot be written
   */
  void begin() {
    if (out == null) {
      try {
        Files.createDirectories(file.toAbsolutePath().getParent());
        out = Files.newBufferedWriter(file);
      } catch (IOException e) {
        throw unwritten(e);
      }
    }
  }

  @Override
  public void accept(T row) {
    try {
      out.write(JsonMapper.shared().writeValueAsString(row));
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  private InputException unwritten(IOException e) {
    return new InputException(file + ": cannot be written: " + e.getMessage(), e);
  }

  /**
   * Reads what was saved.
   *
   * @throws InputException if the file cannot be read or a line in it is no such row
   */
  static <T> List<T> read(Path file, Class<T> type) {
    List<T> rows = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        rows.add(JsonMapper.shared().readValue(line, type));
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new InputException(
          "%s, line %d: %s".formatted(file, rows.size() + 1, e.getOriginalMessage()), e);
    }
    return rows;
  }
}
