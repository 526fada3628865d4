package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;

class LossCausesTest {
  /** Whether each token is right, 1 or 0, as a row. */
  private static ForcedRow row(String text, String right) {
    List<Integer> ranks = new ArrayList<>();
    right.chars().forEach(c -> ranks.add(c == '1' ? 0 : 5));
    List<Double> losses = Collections.nCopies(ranks.size(), 1.0);
    return new ForcedRow(text, ForcedCell.onDense(ResaConfig.dense(4)), losses, ranks, ranks);
  }

  /** Every combination of right and wrong, once. */
  @Test
  void givesEachTokenItsCause() {
    LossCauses causes =
        LossCauses.of(
            row("t", "0000000011111111"),
            row("t", "0000111100001111"),
            row("t", "0011001100110011"),
            row("t", "0101010101010101"));
    // Of those right under dense, in order: selecting, sparse, resa = 000 001 010 011 100 101 110
    // 111.
    assertThat(causes).isEqualTo(new LossCauses(16, 8, 2, 1, 2, 1, 1, 1));
    assertThat(causes.lost()).isEqualTo(4);
    // 000 and 010 to selection, 100 and 110 to drift.
    assertThat(causes.resaSelection()).isEqualTo(2);
    assertThat(causes.resaDrift()).isEqualTo(2);
    assertThat(causes.resaLost()).isEqualTo(4);
  }

  @Test
  void tellsSelectionFromDriftAndWhatIsMended() {
    LossCauses selection =
        LossCauses.of(row("t", "111"), row("t", "001"), row("t", "000"), row("t", "001"));
    assertThat(selection).isEqualTo(new LossCauses(3, 3, 2, 0, 1, 1, 0, 0));
    assertThat(selection.plus(selection)).isEqualTo(new LossCauses(6, 6, 4, 0, 2, 2, 0, 0));
  }

  @Test
  void countsOnlyTheSameTokens() {
    assertThatThrownBy(
            () -> LossCauses.of(row("t", "11"), row("t", "11"), row("u", "11"), row("t", "11")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("u");
    assertThatThrownBy(
            () -> LossCauses.of(row("t", "11"), row("t", "1"), row("t", "11"), row("t", "11")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
