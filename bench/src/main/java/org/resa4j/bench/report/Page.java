package org.resa4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.resa4j.error.InputException;

/** One page about several benchmarks: an overview, the charts and every row. */
public final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { padding: .15rem .7rem .15rem 0; text-align: left; white-space: nowrap; }
      th { border-bottom: 1px solid; font-weight: 600; }
      .wide { overflow-x: auto; }
      img { max-width: 100%; height: auto; background: white; margin: .5rem 0 1rem; }
      pre { overflow-x: auto; font-size: 13px; }
      """;

  private Page() {}

  /**
   * Writes {@code index.html} over the folders of benchmarks in a folder, each as {@link Report}
   * left it; those without rows are left out.
   *
   * @param folder theirs
   * @param names theirs, in order
   * @return the file
   * @throws InputException if one cannot be read, or the page not be written
   */
  public static Path write(Path folder, List<String> names) {
    try {
      Map<String, List<Row>> benchmarks = new LinkedHashMap<>();
      List<Row> all = new ArrayList<>();
      for (String name : names) {
        Path log = folder.resolve(name).resolve(Report.LOG);
        List<Row> rows = Files.isRegularFile(log) ? Report.read(log) : List.of();
        if (!rows.isEmpty()) {
          benchmarks.put(name, rows);
          all.addAll(rows);
        }
      }
      Files.createDirectories(folder);
      StringBuilder html = new StringBuilder();
      head(html, all);
      List<List<String>> overview = Overview.of(all);
      if (!overview.isEmpty()) {
        html.append("<h2>Tokens a second</h2>\n<p>In brackets: times as many as dense decoding")
            .append(" of the same engine in the same run.</p>\n");
        table(html, overview.getFirst(), overview.subList(1, overview.size()));
      }
      for (Map.Entry<String, List<Row>> benchmark : benchmarks.entrySet()) {
        section(html, folder, benchmark.getKey(), benchmark.getValue());
      }
      html.append("</body>\n</html>\n");
      return Files.writeString(folder.resolve("index.html"), html);
    } catch (IOException e) {
      throw new InputException(folder + ": " + e.getMessage(), e);
    }
  }

  private static void head(StringBuilder html, List<Row> all) {
    html.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>ReSA4J benchmarks</title>
        <style>
        """);
    html.append(STYLE).append("</style>\n</head>\n<body>\n<h1>ReSA4J benchmarks</h1>\n<ul>\n");
    Set<String> machines = new LinkedHashSet<>();
    for (Row row : all) {
      row.provenance()
          .ifPresent(
              from ->
                  machines.add(
                      "%s: %s; %s, %s; ReSA4J %s; %s"
                          .formatted(
                              Machines.label(row, all),
                              row.target().deviceName(),
                              from.driver(),
                              from.machine(),
                              from.sources(),
                              from.date())));
    }
    machines.forEach(each -> html.append("<li>").append(escaped(each)).append("</li>\n"));
    html.append("</ul>\n");
    long noisy = all.stream().filter(Row::isNoisy).count();
    html.append(
        """
        <p>%d rows, %d of them noisy (~): quartiles more than a quarter of the median apart; those
        are not compared. Every row's result was checked in the same run.</p>
        """
            .formatted(all.size(), noisy));
  }

  private static void section(StringBuilder html, Path folder, String name, List<Row> rows)
      throws IOException {
    html.append("<h2>").append(escaped(name)).append("</h2>\n");
    Path own = folder.resolve(name);
    try (Stream<Path> files = Files.list(own)) {
      for (Path chart : files.filter(file -> file.toString().endsWith(".png")).sorted().toList()) {
        String file = chart.getFileName().toString();
        String words = file.substring(0, file.length() - ".png".length()).replace('-', ' ');
        html.append(
            "<img src=\"%s/%s\" alt=\"%s\" width=\"1100\" height=\"640\" loading=\"lazy\">\n"
                .formatted(escaped(name), escaped(file), escaped(words)));
      }
    }
    html.append("<details><summary>")
        .append(rows.size())
        .append(" rows</summary>\n<pre>")
        .append(escaped(Report.text(rows, Format.MD)))
        .append("</pre></details>\n");
  }

  private static void table(StringBuilder html, List<String> headings, List<List<String>> lines) {
    html.append("<div class=\"wide\"><table>\n<tr>");
    headings.forEach(each -> html.append("<th>").append(escaped(each)).append("</th>"));
    html.append("</tr>\n");
    for (List<String> line : lines) {
      html.append("<tr>");
      line.forEach(each -> html.append("<td>").append(escaped(each)).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
