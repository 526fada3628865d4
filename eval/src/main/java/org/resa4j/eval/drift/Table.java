package org.resa4j.eval.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A Markdown table. */
final class Table {
  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... headings) {
    this.headings = List.of(headings);
  }

  /**
   * @throws IllegalArgumentException unless there is a cell for each heading
   */
  void add(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "%d cells under %d headings".formatted(cells.length, headings.size()));
    }
    rows.add(List.of(cells));
  }

  @Override
  public String toString() {
    return line(headings)
        + "|"
        + "---|".repeat(headings.size())
        + "\n"
        + rows.stream().map(Table::line).collect(Collectors.joining());
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
