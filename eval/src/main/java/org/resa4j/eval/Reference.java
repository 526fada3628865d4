package org.resa4j.eval;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.resa4j.error.InputException;
import org.resa4j.report.Interval;

/**
 * Compares a run with an earlier one, row by row. All comparisons together err with 5% at most:
 * each is made at a level of 5% over their number (Bonferroni).
 */
final class Reference {
  /** A figure of this run and of the earlier one. */
  private record Pair(String name, Interval here, Interval there) {}

  /** Of fewer texts, the bootstrap's intervals are too short to be compared. */
  private static final int BOOTSTRAP_TEXTS = 8;

  private final Map<List<Object>, SummaryRow> earlier = new HashMap<>();

  Reference(Summary earlier) {
    earlier.rows().forEach(row -> this.earlier.put(key(row), row));
  }

  /** Settings are told by what they compute: dense decoding has no blocks. */
  private static List<Object> key(SummaryRow row) {
    return List.of(row.family(), row.setting().name());
  }

  /**
   * Compares every figure.
   *
   * @param out gets a line for each that differs, and one in sum
   * @return an exit code: 0 where none differs, else 1
   * @throws InputException if the runs have nothing in common
   */
  int compare(Summary run, PrintStream out) {
    List<Pair> pairs = new ArrayList<>();
    for (SummaryRow row : run.rows()) {
      SummaryRow other = earlier.get(key(row));
      String name = row.family() + ", " + row.setting().name();
      if (other == null) {
        out.println("not in the reference: " + name);
        continue;
      }
      pairs.add(new Pair(name + ": right answers", row.answers(), other.answers()));
      if (Math.min(row.tasks(), other.tasks()) < BOOTSTRAP_TEXTS) {
        continue;
      }
      pairs.add(new Pair(name + ": score", row.score(), other.score()));
      Optional<Interval> steps = other.steps();
      if (row.steps().isPresent() && steps.isPresent()) {
        pairs.add(new Pair(name + ": right steps", row.steps().get(), steps.get()));
      }
    }
    if (pairs.isEmpty()) {
      throw new InputException("the reference has none of this run's tasks and settings");
    }
    List<Pair> differing =
        pairs.stream().filter(pair -> !pair.here.agrees(pair.there, pairs.size())).toList();
    differing.forEach(
        pair ->
            out.printf(
                "differs: %s: %s, was %s%n", pair.name, pair.here.percent(), pair.there.percent()));
    out.printf(
        "%d of %d figures agree with the reference%n",
        pairs.size() - differing.size(), pairs.size());
    return differing.isEmpty() ? 0 : 1;
  }
}
