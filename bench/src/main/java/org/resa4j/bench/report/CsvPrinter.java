package org.resa4j.bench.report;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Comma-separated values after RFC 4180, lines ended by LF. */
final class CsvPrinter implements RowPrinter {
  private final PrintStream out;

  CsvPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void print(Row row, List<Row> rows) {
    Map<String, Object> columns = Columns.of(row, rows);
    if (rows.size() == 1) {
      out.print(String.join(",", columns.keySet()) + "\n");
    }
    out.print(
        columns.values().stream().map(CsvPrinter::field).collect(Collectors.joining(",")) + "\n");
  }

  @Override
  public void end(List<Row> rows) {
    out.flush();
  }

  private static String field(Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
