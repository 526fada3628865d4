package org.resa4j.bench.report;

import java.io.PrintStream;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** A JSON array, one row to a line. */
final class JsonPrinter implements RowPrinter {
  private final PrintStream out;

  JsonPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void print(Row row, List<Row> rows) {
    out.print(rows.size() == 1 ? "[\n" : ",\n");
    out.print(JsonMapper.shared().writeValueAsString(Columns.of(row, rows)));
    out.flush();
  }

  @Override
  public void end(List<Row> rows) {
    out.print(rows.isEmpty() ? "[]\n" : "\n]\n");
    out.flush();
  }
}
