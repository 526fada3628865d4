package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TokenScoreTest {
  @Test
  void lossIsTheCrossEntropy() {
    float[] logits = {(float) Math.log(1), (float) Math.log(2), (float) Math.log(5)};
    TokenScore score = TokenScore.of(logits, 1, 2);
    assertThat(score.loss()).isCloseTo(-Math.log(2 / 8.0), within(1e-6));
    assertThat(score.top()).isEqualTo(2);
    assertThat(score.rank()).isEqualTo(1);
    assertThat(score.denseRank()).isZero();
  }

  @Test
  void largeLogitsDoNotOverflow() {
    assertThat(TokenScore.of(new float[] {1000, 999}, 1, 0).loss())
        .isCloseTo(1 + Math.log(1 + Math.exp(-1)), within(1e-6));
  }

  @Test
  void equalsRankByTheirIds() {
    float[] logits = {1, 3, 3, 3};
    assertThat(TokenScore.of(logits, 1, 3))
        .satisfies(
            score -> {
              assertThat(score.top()).isEqualTo(1);
              assertThat(score.rank()).isZero();
              assertThat(score.denseRank()).isEqualTo(2);
            });
  }
}
