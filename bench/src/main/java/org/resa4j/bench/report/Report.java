package org.resa4j.bench.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.resa4j.error.InputException;
import org.resa4j.report.ChartStyle;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Collects rows and prints each as it comes. Speed-ups compare with rows that came before: dense
 * rows go first.
 *
 * <p>Not thread-safe.
 */
public final class Report implements AutoCloseable {
  private final List<Row> rows = new ArrayList<>();
  private final RowPrinter printer;

  /**
   * @param out where rows go; stays open
   */
  public Report(Format format, PrintStream out) {
    printer = format.printer(out);
  }

  public void add(Row row) {
    rows.add(row);
    printer.print(row, rows());
  }

  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Ends the output. */
  @Override
  public void close() {
    printer.end(rows());
  }

  /**
   * Reads rows from a JSON file that this class or a peer's script wrote.
   *
   * @throws InputException if it cannot be read or a row in it lacks something, an error included
   */
  public static List<Row> read(Path file) {
    List<Row> rows = new ArrayList<>();
    try {
      for (JsonNode json : JsonMapper.shared().readTree(Files.readString(file))) {
        rows.add(Columns.read(json));
      }
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new InputException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s, row %d: %s".formatted(file, rows.size() + 1, e.getMessage()), e);
    }
    return rows;
  }

  private static String text(List<Row> rows, Format format) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(text, false, StandardCharsets.UTF_8);
        Report report = new Report(format, out)) {
      rows.forEach(report::add);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes {@code results.md}, {@code results.csv}, {@code results.json} and charts into a folder,
   * which is made if it is not there. A machine without fonts gets no charts, and is told.
   *
   * @return the files
   * @throws InputException if the folder cannot be written to
   */
  public static List<Path> save(List<Row> rows, Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      for (Format format : Format.values()) {
        Path file = folder.resolve("results." + format.name().toLowerCase(Locale.ROOT));
        // Not printed into the file: a PrintStream keeps a full disk to itself.
        Files.writeString(file, text(rows, format));
        files.add(file);
      }
      files.addAll(
          ChartStyle.draw(
              "resa bench report %s --output DIR".formatted(folder.resolve("results.json")),
              () -> Charts.draw(rows, folder)));
    } catch (IOException e) {
      throw new InputException(folder + ": " + e.getMessage(), e);
    }
    return files;
  }
}
