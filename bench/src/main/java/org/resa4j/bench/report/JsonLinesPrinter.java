package org.resa4j.bench.report;

import java.io.PrintStream;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** JSON lines: a flat object to a line. */
final class JsonLinesPrinter implements RowPrinter {
  private final PrintStream out;

  JsonLinesPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void print(Row row, List<Row> rows) {
    out.print(JsonMapper.shared().writeValueAsString(Columns.of(row, rows)) + "\n");
    out.flush();
  }

  @Override
  public void end(List<Row> rows) {
    out.flush();
  }
}
