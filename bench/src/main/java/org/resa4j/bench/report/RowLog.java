package org.resa4j.bench.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.resa4j.error.InputException;

/** A file that gets each row when it comes. What an earlier run left there is kept. */
final class RowLog implements AutoCloseable {
  private final Path file;
  private PrintStream out;
  private RowPrinter printer;

  /** Nothing is written before there is a row. */
  RowLog(Path file) {
    this.file = file;
  }

  /**
   * @throws InputException if it cannot be written
   */
  void add(Row row, List<Row> rows) {
    if (out == null) {
      open();
    }
    printer.print(row, rows);
    // A PrintStream keeps a full disk to itself.
    if (out.checkError()) {
      throw new InputException(file + ": cannot be written: is the disk full?");
    }
  }

  private void open() {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      if (Files.isRegularFile(file) && Files.size(file) > 0) {
        long at = Files.getLastModifiedTime(file).toMillis();
        Path earlier = file.resolveSibling("results-%d.jsonl".formatted(at));
        Files.move(file, earlier);
        System.err.println("bench: an earlier run's rows are kept in " + earlier);
      }
      out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8);
      printer = new JsonLinesPrinter(out);
    } catch (IOException e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (out != null) {
      out.close();
    }
  }
}
