package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.resa4j.generate.ChosenToken.TokenProbability;

class LogProbabilitiesTest {
  @Test
  void areThoseOfTheSoftmaxAndSumToOne() {
    float[] logits = new float[1000];
    Random random = new Random(5);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (8 * random.nextGaussian());
    }
    ChosenToken token = LogProbabilities.of(logits, 7, logits.length);
    assertThat(token.id()).isEqualTo(7);
    assertThat(token.likeliest()).hasSize(1000);
    double sum = 0;
    double before = 0;
    for (TokenProbability each : token.likeliest()) {
      sum += Math.exp(each.logProbability());
      assertThat(each.logProbability()).isLessThanOrEqualTo(before);
      before = each.logProbability();
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
    double plain = 0;
    for (float logit : logits) {
      plain += Math.exp((double) logit - logits[7]);
    }
    assertThat(token.logProbability().orElseThrow()).isCloseTo(-Math.log(plain), within(1e-12));
  }

  @Test
  void ofEqualsTheLowerTokenComesFirst() {
    ChosenToken token = LogProbabilities.of(new float[] {1, 3, 3, 2, 3}, 0, 2);
    assertThat(token.likeliest()).extracting(TokenProbability::id).containsExactly(1, 2);
    assertThat(LogProbabilities.of(new float[] {1, 3}, 0, 0).likeliest()).isEmpty();
    assertThat(LogProbabilities.of(new float[] {1, 3}, 0, 9).likeliest()).hasSize(2);
  }
}
