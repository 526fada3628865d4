package org.resa4j.eval;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.resa4j.eval.exact.Equality;
import org.resa4j.eval.exact.Parting;
import org.resa4j.report.Interval;

/** The part of a report that is on exact mode, and what else writes dense decoding's texts. */
final class ExactReport {
  private ExactReport() {}

  /** A table, below it every text of exact mode that is not dense decoding's. */
  static String markdown(Summary summary) {
    StringBuilder text =
        new StringBuilder(
            """
            ## Exact mode

            | tasks | setting | texts | as dense | part at ties | faults | drafts accepted, % | tokens per verification | cache read | time |
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|
            """);
    for (SummaryRow row : summary.rows()) {
      row.exact().ifPresent(figures -> text.append(line(summary, row, figures)));
    }
    text.append(
        """

        - As dense: texts that are dense decoding's token for token, of those of which both are known. Drafts accepted and
          tokens per verification: intervals by the bootstrap over texts. Cache read: for a token of the text, all its
          drafts' steps and verifications. Time: what a decoded token took, all texts of a kind at once, prefill left out;
          dense is 1. It is wall time of one run, on a machine that others may have used: noisy.
        """);
    partings(summary).forEach(line -> text.append("- ").append(line).append('\n'));
    return text.toString();
  }

  private static String line(Summary summary, SummaryRow row, ExactFigures figures) {
    Equality equality = figures.equality();
    boolean exact = row.setting().isExact();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %s | %s | %s | %s | %s | %.3f | %s |\n",
        row.family().replace("|", "\\|"),
        summary.label(row.setting()),
        row.tasks(),
        row.setting().isDense() || equality.compared() == 0
            ? ""
            : "%d of %d".formatted(equality.equal(), equality.compared()),
        exact ? ties(equality) : "",
        exact ? faults(equality) : "",
        figures.acceptance().map(Interval::percent).orElse(""),
        figures.tokensEach().map(ExactReport::count).orElse(""),
        row.cacheRead(),
        number("%.2f", figures.time()));
  }

  private static String ties(Equality equality) {
    return equality.ties()
        + (equality.widestTie().isPresent()
            ? String.format(Locale.ROOT, " (margins to %.1e)", equality.widestTie().getAsDouble())
            : "");
  }

  private static String faults(Equality equality) {
    return equality.faults() == 0 ? "0" : "**" + equality.faults() + "**";
  }

  private static String count(Interval interval) {
    return String.format(
        Locale.ROOT, "%.2f [%.2f, %.2f]", interval.estimate(), interval.lower(), interval.upper());
  }

  private static String number(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "";
  }

  private static List<String> partings(Summary summary) {
    List<String> lines = new ArrayList<>();
    for (Outcome outcome : summary.outcomes()) {
      outcome.parting().ifPresent(parting -> lines.add(described(outcome, parting)));
    }
    return lines;
  }

  private static String described(Outcome outcome, Parting parting) {
    String what =
        switch (parting.kind()) {
          case TIE -> "Tie";
          case FAULT -> "**FAULT, not dense decoding's text**";
          case UNKNOWN -> "Not dense decoding's text, and filters hide why";
        };
    return "%s: %s, at token %d of %d%s."
        .formatted(
            what,
            outcome.key(),
            parting.token() + 1,
            outcome.generated(),
            number(", margin %.2e", parting.margin()));
  }

  /**
   * Names texts of exact mode that are not dense decoding's, and should be.
   *
   * @return an exit code: 0 where there are none, else 1
   */
  static int faults(Summary summary, PrintStream out) {
    List<Outcome> faults =
        summary.outcomes().stream()
            .filter(
                outcome ->
                    outcome.parting().filter(each -> each.kind() == Parting.Kind.FAULT).isPresent())
            .toList();
    faults.forEach(
        outcome -> out.println("eval: " + described(outcome, outcome.parting().orElseThrow())));
    if (!faults.isEmpty()) {
      out.printf("eval: exact mode wrote %d texts that are not dense decoding's%n", faults.size());
    }
    return faults.isEmpty() ? 0 : 1;
  }
}
