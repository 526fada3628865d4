package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final int DRAWS = 40_000;

  /** Frequencies of each token over many draws. */
  private static double[] frequencies(Sampling sampling, float... logits) {
    Sampler sampler = new Sampler(sampling, logits.length);
    double[] frequencies = new double[logits.length];
    for (int i = 0; i < DRAWS; i++) {
      frequencies[sampler.next(logits)] += 1.0 / DRAWS;
    }
    return frequencies;
  }

  private static float log(double x) {
    return (float) Math.log(x);
  }

  @Test
  void drawsByProbability() {
    double[] seen = frequencies(new Sampling(1, 0, 1, 7), log(0.1), log(0.6), log(0.3));
    assertThat(seen).containsExactly(new double[] {0.1, 0.6, 0.3}, within(0.01));
  }

  @Test
  void temperatureSharpensAndFlattens() {
    double[] seen = frequencies(new Sampling(0.5, 0, 1, 7), log(0.25), log(0.75));
    assertThat(seen).containsExactly(new double[] {0.1, 0.9}, within(0.01));
  }

  @Test
  void topKKeepsTheLikeliest() {
    double[] seen = frequencies(new Sampling(1, 2, 1, 7), log(0.1), log(0.3), log(0.2), log(0.4));
    assertThat(seen).containsExactly(new double[] {0, 3 / 7.0, 0, 4 / 7.0}, within(0.01));
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    double[] seen =
        frequencies(new Sampling(1, 0, 0.65, 7), log(0.1), log(0.3), log(0.2), log(0.4));
    assertThat(seen).containsExactly(new double[] {0, 3 / 7.0, 0, 4 / 7.0}, within(0.01));
  }

  @Test
  void topPIsTakenOfWhatTopKLeft() {
    // Of {0.4, 0.3, 0.2}, the first two make 0.78.
    double[] seen =
        frequencies(new Sampling(1, 3, 0.75, 7), log(0.1), log(0.3), log(0.2), log(0.4));
    assertThat(seen).containsExactly(new double[] {0, 3 / 7.0, 0, 4 / 7.0}, within(0.01));
  }

  @Test
  void aTinyTopPKeepsOneToken() {
    assertThat(frequencies(new Sampling(1, 0, 1e-9, 7), log(0.2), log(0.5), log(0.3))[1])
        .isEqualTo(1, within(1e-9));
  }

  @Test
  void minPDropsWhatIsUnlikelyBesideTheLikeliest() {
    // Of {0.4, 0.3, 0.2, 0.1}: at least 0.6 of 0.4 keeps two.
    double[] seen =
        frequencies(new Sampling(1, 0, 1, 0.6, 1, 7), log(0.1), log(0.3), log(0.2), log(0.4));
    assertThat(seen).containsExactly(new double[] {0, 3 / 7.0, 0, 4 / 7.0}, within(0.01));
    assertThat(frequencies(new Sampling(1, 0, 1, 1, 1, 7), log(0.2), log(0.5), log(0.3))[1])
        .isEqualTo(1, within(1e-9));
  }

  @Test
  void theRepetitionPenaltyMakesSeenTokensLessLikelyOfEitherSign() {
    Sampler greedy = new Sampler(Sampling.GREEDY.withRepetitionPenalty(2), 3);
    float[] positive = {3, 2, 1};
    assertThat(greedy.next(positive)).isZero();
    greedy.saw(0);
    assertThat(greedy.next(positive)).isEqualTo(1);
    greedy.saw(1);
    // 3/2, 2/2, 1
    assertThat(greedy.next(positive)).isZero();
    // -1*2, -1.5*2, -1.9
    assertThat(greedy.next(new float[] {-1, -1.5f, -1.9f})).isEqualTo(2);
  }

  @Test
  void aSeedGivesOneSequence() {
    float[] logits = new float[500];
    Random random = new Random(3);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) random.nextGaussian();
    }
    int[][] draws = new int[3][50];
    long[] seeds = {1, 1, 2};
    for (int run = 0; run < 3; run++) {
      Sampler sampler = new Sampler(new Sampling(1, 100, 0.9, seeds[run]), logits.length);
      Arrays.setAll(draws[run], i -> sampler.next(logits));
    }
    assertThat(draws[1]).isEqualTo(draws[0]);
    assertThat(draws[2]).isNotEqualTo(draws[0]);
  }

  @Test
  void theFirstChoiceOfNeighbouringSeedsIsRandom() {
    double[] seen = new double[4];
    for (int seed = 0; seed < 20_000; seed++) {
      Sampler sampler = new Sampler(new Sampling(1, 0, 1, seed), 4);
      seen[sampler.next(new float[] {log(0.1), log(0.3), log(0.2), log(0.4)})] += 1 / 20_000.0;
    }
    assertThat(seen).containsExactly(new double[] {0.1, 0.3, 0.2, 0.4}, within(0.015));
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> new Sampling(-1, 0, 1, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(Double.NaN, 0, 1, 0)).hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Sampling(1, -1, 1, 0)).hasMessageContaining("topK");
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 0)).hasMessageContaining("topP");
    assertThatThrownBy(() -> new Sampling(1, 0, 1.1, 0)).hasMessageContaining("topP");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 1.1, 1, 0)).hasMessageContaining("minP");
    assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, 0, 0))
        .hasMessageContaining("repetitionPenalty");
    assertThatThrownBy(() -> new Sampling(Double.POSITIVE_INFINITY, 0, 1, 0))
        .hasMessageContaining("temperature");
  }
}
