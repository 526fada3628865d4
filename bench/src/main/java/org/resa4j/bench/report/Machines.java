package org.resa4j.bench.report;

import java.util.List;
import java.util.Optional;

/** Tells rows of several machines in one report apart. */
final class Machines {
  private Machines() {}

  /**
   * Engine and device, and for rows of any machine but the report's first a number, such as {@code
   * jvm @2}.
   *
   * @param rows of the report, in order
   */
  static String label(Row row, List<Row> rows) {
    int number = number(row, rows);
    return row.target().label() + (number > 1 ? " @" + number : "");
  }

  /** From 1 on, in the order of the rows; 1 where a row says nothing of its machine. */
  static int number(Row row, List<Row> rows) {
    return row.provenance().map(from -> all(rows).indexOf(from.machine()) + 1).orElse(1);
  }

  static List<String> all(List<Row> rows) {
    return rows.stream()
        .map(Row::provenance)
        .flatMap(Optional::stream)
        .map(Provenance::machine)
        .distinct()
        .toList();
  }
}
