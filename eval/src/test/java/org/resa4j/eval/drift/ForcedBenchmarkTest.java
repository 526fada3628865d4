package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.eval.drift.ForcedCell.Cache;
import org.resa4j.eval.drift.ForcedCell.Query;

class ForcedBenchmarkTest {
  private static List<ForcedRow> run(int minBlocks, List<Integer> before) {
    ForcedPlan plan =
        new ForcedPlan(
            new ResaConfig(4, 1, minBlocks, 1, 0), List.of(0.1), List.of(8), before, true);
    List<ForcedRow> rows = new ArrayList<>();
    try (Engine engine = Forced.engine(4)) {
      new ForcedBenchmark(engine, Forced.MODEL.config(), plan, rows::add)
          .run(Forced.ragged().stream().map(text -> text.last(3)).toList());
    }
    return rows;
  }

  @Test
  void hasEveryCacheAndQueryForEveryTextThatIsLongEnough() {
    List<ForcedRow> rows = run(2, List.of(0, 30, ForcedCell.ALL));
    assertThat(rows)
        .extracting(
            row ->
                "%s %s %s %s"
                    .formatted(
                        row.text(), row.cell().cache(), row.cell().query(), row.cell().before()))
        .doesNotHaveDuplicates()
        // Two cells on a dense cache; four on others, at each number of tokens before.
        .hasSize(3 * 2 + 3 * 4 + 2 * 4 + 3 * 4)
        .contains("a DENSE DENSE 0", "b RESA DENSE 30", "c SPARSE SPARSE -1")
        .doesNotContain("c SPARSE SPARSE 30");
  }

  @Test
  void allCellsAreAlikeWhereAllBlocksAreKept() {
    List<ForcedRow> rows = run(1000, List.of(0, ForcedCell.ALL));
    for (ForcedRow row : rows) {
      ForcedRow dense =
          rows.stream().filter(other -> other.text().equals(row.text())).findFirst().orElseThrow();
      assertThat(row.agree(1)).isEqualTo(3);
      for (int i = 0; i < 3; i++) {
        assertThat(row.loss().get(i)).isCloseTo(dense.loss().get(i), within(1e-4));
      }
    }
  }

  @Test
  void drawnCellsDifferWhereBlocksAreLeftOut() {
    List<ForcedRow> rows = run(1, List.of(ForcedCell.ALL));
    assertThat(rows.stream().filter(row -> row.text().equals("b")).map(ForcedRow::loss))
        .doesNotHaveDuplicates();
  }

  @Test
  void reportsTablesOfWhatWasMeasured() {
    ForcedReport report = new ForcedReport(run(2, List.of(0, ForcedCell.ALL)));
    assertThat(report.markdown())
        .contains("| dense | dense | all |  |  | 3 | 9 |")
        .contains("| resa | sparse | 0.1 | 8 | all | 3 | 9 |")
        .contains("## Tokens lost, by cause");
    assertThat(new ForcedCell(Cache.DENSE, Query.SPARSE, 0.1, 0, 0))
        .isEqualTo(ForcedCell.onDense(new ResaConfig(4, 0.1, 1, 1, 0)));
  }
}
