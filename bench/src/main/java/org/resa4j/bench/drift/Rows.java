package org.resa4j.bench.drift;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.resa4j.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Saves measured rows as they come: JSON, one to a line.
 *
 * @param <T> a record
 */
final class Rows<T> implements Consumer<T>, AutoCloseable {
  private final BufferedWriter out;

  /**
   * @throws InputException if the file cannot be written
   */
  Rows(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      out = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void accept(T row) {
    try {
      out.write(JsonMapper.shared().writeValueAsString(row));
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
