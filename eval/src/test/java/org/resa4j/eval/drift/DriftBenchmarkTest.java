package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Engine;
import org.resa4j.eval.drift.DriftRow.State;

class DriftBenchmarkTest {
  private static final int EVERY = 8;

  private static List<DriftRow> run(int minBlocks, int samples) {
    ForcedPlan plan =
        new ForcedPlan(
            new ResaConfig(4, 1, minBlocks, 1, 0),
            List.of(0.1),
            List.of(EVERY),
            List.of(ForcedCell.ALL),
            false);
    List<DriftRow> rows = new ArrayList<>();
    try (Engine engine = Forced.engine(4)) {
      RecallProbe none = new RecallProbe(Forced.MODEL, 0, row -> {});
      new DriftBenchmark(engine, Forced.MODEL.config(), plan, samples, rows::add, none)
          .run(Forced.ragged());
    }
    return rows;
  }

  /** Of layer 1 over some bins: layer 0's K and V depend on no attention. */
  private static double drift(DriftRow row, int tensor, int from, int to) {
    double off = 0;
    double all = 0;
    for (int bin = from; bin <= to; bin++) {
      off += row.sums().difference()[tensor][1][bin];
      all += row.sums().dense()[tensor][1][bin];
    }
    return all == 0 ? 0 : Math.sqrt(off / all);
  }

  @Test
  void nothingDriftsWhereAllBlocksAreKept() {
    List<DriftRow> rows = run(1000, 100);
    assertThat(rows).hasSize(3 * 3);
    for (DriftRow row : rows) {
      assertThat(drift(row, DriftSums.KEY, 0, 10)).isLessThan(1e-5);
      assertThat(drift(row, DriftSums.VALUE, 0, 10)).isLessThan(1e-5);
    }
  }

  @Test
  void rectificationTakesTheDriftOfTheLastTokensAway() {
    for (DriftRow row : run(1, 100)) {
      for (int tensor : new int[] {DriftSums.KEY, DriftSums.VALUE}) {
        double near = drift(row, tensor, 0, DriftSums.bin(EVERY));
        double far = drift(row, tensor, DriftSums.bin(EVERY) + 1, 10);
        if (row.state() == State.AFTER) {
          assertThat(near).isLessThan(1e-5);
        } else {
          assertThat(near).isGreaterThan(1e-3);
        }
        if (row.state() != State.SPARSE) {
          assertThat(far).isLessThan(1e-5);
        } else if (!row.text().equals("c")) {
          assertThat(far).isGreaterThan(1e-3);
        }
      }
      assertThat(Arrays.stream(row.sums().difference()[DriftSums.KEY][0]).max().orElseThrow())
          .as("layer 0 before attention")
          .isLessThan(1e-6);
    }
  }

  @Test
  void looksAsOftenAsItIsToldTo() {
    // Generated tokens that are cached: 38, 52 and 12.
    assertThat(run(1, 100)).extracting(DriftRow::samples).contains(4, 6, 1);
    assertThat(run(1, 2))
        .extracting(row -> row.text() + row.samples())
        .containsOnly("a2", "b2", "c1");
    assertThat(IntStream.of(Forced.ragged().get(1).end() - 48)).containsExactly(52);
  }
}
