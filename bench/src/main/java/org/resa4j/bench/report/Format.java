package org.resa4j.bench.report;

import java.io.PrintStream;

/** How rows are printed. */
public enum Format {
  /** A Markdown table with the columns that fit a screen. */
  MD,
  /** All columns, with a header line. */
  CSV,
  /** An array of flat objects. */
  JSON,
  /** A flat object to a line. */
  JSONL;

  RowPrinter printer(PrintStream out) {
    return switch (this) {
      case MD -> new MarkdownPrinter(out);
      case CSV -> new CsvPrinter(out);
      case JSON -> new JsonPrinter(out);
      case JSONL -> new JsonLinesPrinter(out);
    };
  }
}
