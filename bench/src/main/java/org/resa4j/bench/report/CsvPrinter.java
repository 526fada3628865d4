package org.resa4j.bench.report;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.resa4j.report.Csv;

/** Comma-separated values. */
final class CsvPrinter implements RowPrinter {
  private final PrintStream out;

  CsvPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void print(Row row, List<Row> rows) {
    Map<String, Object> columns = Columns.of(row, rows);
    if (rows.size() == 1) {
      out.print(Csv.line(columns.keySet()));
    }
    out.print(Csv.line(columns.values()));
  }

  @Override
  public void end(List<Row> rows) {
    out.flush();
  }
}
