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
import java.util.Optional;
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
  /** Rows as they come, one to a line: what a run that is cut short leaves. */
  public static final String LOG = "results.jsonl";

  private final List<Row> rows = new ArrayList<>();
  private final RowPrinter printer;
  private final Optional<RowLog> log;
  private final Optional<Provenance> here;
  private final Drivers drivers = new Drivers();

  private Report(RowPrinter printer, Optional<RowLog> log, Optional<Provenance> here) {
    this.printer = printer;
    this.log = log;
    this.here = here;
  }

  /**
   * A report of rows that were measured before.
   *
   * @param out where rows go; stays open
   */
  public Report(Format format, PrintStream out) {
    this(format.printer(out), Optional.empty(), Optional.empty());
  }

  /**
   * A report of rows that will be measured here.
   *
   * @param here of each, but for time and driver
   */
  public Report(Format format, PrintStream out, Provenance here) {
    this(format.printer(out), Optional.empty(), Optional.of(here));
  }

  /**
   * The same, which also writes each row to a file when it comes.
   *
   * @param folder gets {@link #LOG} with the first row; one that is there gets another name
   */
  public static Report into(Path folder, Format format, PrintStream out, Provenance here) {
    return new Report(
        format.printer(out), Optional.of(new RowLog(folder.resolve(LOG))), Optional.of(here));
  }

  /**
   * Adds a row as it is.
   *
   * @throws InputException if it cannot be written to the file
   */
  public void add(Row row) {
    int machines = Machines.all(rows).size();
    rows.add(row);
    if (machines > 0 && Machines.all(rows).size() > machines) {
      System.err.printf(
          "bench: rows of another machine, @%d, %s: compared among themselves alone%n",
          machines + 1, row.provenance().orElseThrow().machine());
    }
    printer.print(row, rows());
    log.ifPresent(file -> file.add(row, rows()));
  }

  /** Adds a row that was measured just now, and says so in it. */
  public void measured(Row row) {
    add(here.map(where -> row.with(where.now(drivers.of(row.target())))).orElse(row));
  }

  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Ends the output. */
  @Override
  public void close() {
    printer.end(rows());
    log.ifPresent(RowLog::close);
  }

  /**
   * Reads rows from a file that this class or a peer's script wrote: a JSON array, or JSON lines,
   * the last of which may be cut short, which is said on standard error.
   *
   * @throws InputException if it cannot be read or a row in it lacks something, an error included
   */
  public static List<Row> read(Path file) {
    List<Row> rows = new ArrayList<>();
    try {
      // Cut short within a character, too.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      if (text.stripLeading().startsWith("{")) {
        readLines(file, text, rows);
      } else {
        for (JsonNode json : JsonMapper.shared().readTree(text)) {
          rows.add(Columns.read(json));
        }
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

  private static void readLines(Path file, String text, List<Row> rows) {
    int from = 0;
    while (from < text.length()) {
      int to = text.indexOf('\n', from);
      if (to < 0) {
        System.err.println(file + ": the last row was cut short; it is left out");
        return;
      }
      if (!text.substring(from, to).isBlank()) {
        rows.add(Columns.read(JsonMapper.shared().readTree(text.substring(from, to))));
      }
      from = to + 1;
    }
  }

  /** Rows as a format has them. */
  public static String text(List<Row> rows, Format format) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(text, false, StandardCharsets.UTF_8);
        Report report = new Report(format, out)) {
      rows.forEach(report::add);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes {@code results.md}, {@code results.csv} and charts into a folder, beside {@link #LOG}. A
   * machine without fonts gets no charts, and is told.
   *
   * @return the files
   * @throws InputException if the folder cannot be written to
   */
  public static List<Path> save(List<Row> rows, Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      Charts.clear(folder);
      for (Format format : List.of(Format.MD, Format.CSV)) {
        Path file = folder.resolve("results." + format.name().toLowerCase(Locale.ROOT));
        // Not printed into the file: a PrintStream keeps a full disk to itself.
        Files.writeString(file, text(rows, format));
        files.add(file);
      }
      files.addAll(
          ChartStyle.draw(
              "resa bench report %s --output DIR".formatted(folder.resolve(LOG)),
              () -> Charts.draw(rows, folder)));
    } catch (IOException e) {
      throw new InputException(folder + ": " + e.getMessage(), e);
    }
    return files;
  }
}
