package org.resa4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;

/**
 * Tables of a Markdown file that come from measured rows: what stands between {@code <!-- figures:
 * FILE ... -->} and {@code <!-- end of figures -->} is the {@link Overview} of the rows in those
 * files, whose paths begin at the Markdown file's folder.
 */
public final class Figures {
  private static final Pattern PLACE =
      Pattern.compile(
          "(<!-- figures: ([^>]+?) -->\\R)((?:(?!<!-- figures:).)*?)(<!-- end of figures -->)",
          Pattern.DOTALL);

  private Figures() {}

  /**
   * The text of a file with its tables made anew.
   *
   * @throws InputException if it, or a file of rows, cannot be read, or it has no such place
   */
  public static String of(Path markdown) {
    try {
      String text = Files.readString(markdown);
      Matcher places = PLACE.matcher(text);
      if (!places.find()) {
        throw new InputException(markdown + ": no <!-- figures: FILE ... --> in it");
      }
      return places.replaceAll(
          place ->
              Matcher.quoteReplacement(
                  place.group(1) + table(markdown, place.group(2)) + place.group(4)));
    } catch (IOException e) {
      throw new InputException(markdown + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String table(Path markdown, String files) {
    List<Row> rows = new ArrayList<>();
    for (String file : files.split("\\s+")) {
      rows.addAll(Report.read(markdown.toAbsolutePath().resolveSibling(file)));
    }
    List<List<String>> overview = Overview.of(rows);
    if (overview.isEmpty()) {
      throw new InputException(files + ": no tokens a second in it");
    }
    StringBuilder table = new StringBuilder();
    line(table, overview.getFirst());
    line(table, overview.getFirst().stream().map(heading -> "---").toList());
    overview.stream().skip(1).forEach(cells -> line(table, cells));
    return table.toString();
  }

  private static void line(StringBuilder table, List<String> cells) {
    table.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
