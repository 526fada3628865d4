package org.resa4j.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.resa4j.error.InputException;
import org.resa4j.report.ChartStyle;
import org.resa4j.report.Csv;
import org.resa4j.report.Interval;
import tools.jackson.databind.json.JsonMapper;

/** Writes an evaluation's tables and charts. */
final class EvalReport {
  static final String JSON = "results.json";

  private EvalReport() {}

  /**
   * Writes {@code results.md}, {@code results.csv}, {@code results.json} and charts into a folder,
   * which is made if it is not there. A machine without fonts gets no charts, and is told.
   *
   * @return the files
   * @throws InputException if the folder cannot be written to
   */
  static List<Path> save(Summary summary, Path folder) {
    try {
      Files.createDirectories(folder);
      List<Path> files = new ArrayList<>();
      files.add(Files.writeString(folder.resolve("results.md"), markdown(summary)));
      files.add(Files.writeString(folder.resolve("results.csv"), csv(summary)));
      files.add(Files.writeString(folder.resolve(JSON), json(summary)));
      files.addAll(
          ChartStyle.draw("resa eval report " + folder, () -> EvalCharts.draw(summary, folder)));
      return files;
    } catch (IOException e) {
      throw new InputException(folder + ": cannot be written to: " + e.getMessage(), e);
    }
  }

  private static String csv(Summary summary) {
    List<Map<String, Object>> rows = summary.rows().stream().map(SummaryRow::columns).toList();
    return (rows.isEmpty() ? "" : Csv.line(rows.getFirst().keySet()))
        + rows.stream().map(row -> Csv.line(row.values())).collect(Collectors.joining());
  }

  private static String json(Summary summary) {
    return summary.rows().stream()
        .map(row -> JsonMapper.shared().writeValueAsString(row.columns()))
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  /** A table, percent with 95% intervals, and below it what was run and what the columns mean. */
  static String markdown(Summary summary) {
    StringBuilder text =
        new StringBuilder(
            """
            | tasks | setting | texts | right answers, % | score, % | right steps, % | steps | tokens | rectified | interval | recent drift | cache read |
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
            """);
    for (SummaryRow row : summary.rows()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %s | %s | %s | %s | %.0f | %.1f | %s | %s | %.3f |\n",
              row.family().replace("|", "\\|"),
              summary.label(row.setting()),
              row.tasks(),
              row.answers().percent(),
              row.score().percent(),
              row.steps().map(Interval::percent).orElse(""),
              row.stepCount() == 0 ? "" : row.stepCount(),
              row.generated(),
              row.rectifications(),
              row.interval() == 0 ? "" : String.format(Locale.ROOT, "%.1f", row.interval()),
              row.recentDrift().map(EvalReport::drift).orElse(""),
              row.cacheRead()));
    }
    text.append('\n');
    Map<String, String> facts = summary.facts();
    text.append(
        """
        - %s on %s, %s (%s), KV cache %s, %s texts at once, %s
        - Intervals of 95%%: Wilson's for answers, the bootstrap over texts for scores and steps.
        - Tokens, rectifications and drift are a text's means, the interval is in tokens. Recent drift: relative
          error of K and V of the last 256 tokens just before a rectification. Cache read: the share of the KV cache that a step
          reads, descriptors and rectification included; 1 is dense.
        """
            .formatted(
                facts.get("model"),
                facts.get("engine"),
                facts.get("device"),
                facts.get("device_name"),
                facts.get("kv_type"),
                facts.get("batch"),
                facts.get("sampling")));
    if (facts.containsKey("seeds")) {
      text.append("- Seeds ").append(facts.get("seeds"));
      text.append(": the bootstrap draws tasks with all their texts, Wilson's intervals do not.\n");
    }
    blocks(summary).forEach(line -> text.append("- ").append(line).append('\n'));
    if (summary.hasExact()) {
      text.append('\n').append(ExactReport.markdown(summary));
    }
    return text.toString();
  }

  private static String drift(Interval drift) {
    return String.format(
        Locale.ROOT, "%.3f (%.3f to %.3f)", drift.estimate(), drift.lower(), drift.upper());
  }

  private static List<String> blocks(Summary summary) {
    return summary.settings().stream()
        .map(Setting::config)
        .filter(config -> !config.isDense())
        .map(
            config ->
                "Sparse: blocks of %d tokens, at least %d kept, of those the last %d."
                    .formatted(config.blockSize(), config.minBlocks(), config.localBlocks()))
        .distinct()
        .toList();
  }
}
