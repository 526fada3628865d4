package org.resa4j.bench.report;

import java.util.List;

/** Prints rows one by one. */
interface RowPrinter {
  /**
   * @param rows all rows so far, this one included
   */
  void print(Row row, List<Row> rows);

  /** Prints what comes after the last row. */
  void end(List<Row> rows);
}
