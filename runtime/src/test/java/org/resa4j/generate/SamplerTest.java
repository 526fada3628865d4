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
      frequencies[sampler.next(logits, i)] += 1.0 / DRAWS;
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
    assertThat(greedy.next(positive, 0)).isZero();
    greedy.saw(0);
    assertThat(greedy.next(positive, 0)).isEqualTo(1);
    greedy.saw(1);
    // 3/2, 2/2, 1
    assertThat(greedy.next(positive, 0)).isZero();
    // -1*2, -1.5*2, -1.9
    assertThat(greedy.next(new float[] {-1, -1.5f, -1.9f}, 0)).isEqualTo(2);
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
      Arrays.setAll(draws[run], i -> sampler.next(logits, i));
    }
    assertThat(draws[1]).isEqualTo(draws[0]);
    assertThat(draws[2]).isNotEqualTo(draws[0]);
  }

  @Test
  void theFirstChoiceOfNeighbouringSeedsIsRandom() {
    double[] seen = new double[4];
    for (int seed = 0; seed < 20_000; seed++) {
      Sampler sampler = new Sampler(new Sampling(1, 0, 1, seed), 4);
      seen[sampler.next(new float[] {log(0.1), log(0.3), log(0.2), log(0.4)}, 0)] += 1 / 20_000.0;
    }
    assertThat(seen).containsExactly(new double[] {0.1, 0.3, 0.2, 0.4}, within(0.015));
  }

  /**
   * Chi-squared over a vocabulary in which most tokens are unlikely; and over seeds, not positions.
   */
  @Test
  void manyTokensAreDrawnByTheirSoftmax() {
    int vocabulary = 200;
    float[] logits = new float[vocabulary];
    Random random = new Random(4);
    for (int i = 0; i < vocabulary; i++) {
      logits[i] = (float) (2 * random.nextGaussian());
    }
    double temperature = 0.8;
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit / temperature);
    }
    int draws = 100_000;
    int[][] counts = new int[2][vocabulary];
    Sampler positions = new Sampler(new Sampling(temperature, 0, 1, 5), vocabulary);
    for (int i = 0; i < draws; i++) {
      counts[0][positions.next(logits, i)]++;
      Sampler seed = new Sampler(new Sampling(temperature, 0, 1, i), vocabulary);
      counts[1][seed.next(logits, 17)]++;
    }
    for (int[] seen : counts) {
      double chiSquared = 0;
      int cells = 0;
      double rest = draws;
      int restSeen = draws;
      for (int i = 0; i < vocabulary; i++) {
        double expected = draws * Math.exp(logits[i] / temperature) / sum;
        if (expected >= 10) {
          chiSquared += (seen[i] - expected) * (seen[i] - expected) / expected;
          cells++;
          rest -= expected;
          restSeen -= seen[i];
        }
      }
      chiSquared += (restSeen - rest) * (restSeen - rest) / rest;
      // Mean of the distribution, and five of its standard deviations.
      assertThat(chiSquared).isLessThan(cells + 5 * Math.sqrt(2.0 * cells));
    }
  }

  /** Passing over tokens that cannot win changes nothing. */
  @Test
  void theShortWayChoosesWhatTheLongWayDoes() {
    Random random = new Random(9);
    float[] logits = new float[3000];
    for (int trial = 0; trial < 300; trial++) {
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) (3 * random.nextGaussian());
      }
      long seed = random.nextLong();
      GumbelNoise noise = new GumbelNoise(seed, trial);
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        if (logits[i] / 1.3 + noise.of(i) > logits[best] / 1.3 + noise.of(best)) {
          best = i;
        }
      }
      assertThat(new Sampler(new Sampling(1.3, 0, 1, seed), logits.length).next(logits, trial))
          .isEqualTo(best);
      // All tokens by way of the heap.
      assertThat(
              new Sampler(new Sampling(1.3, 0, 1, 1e-30, 1, seed), logits.length)
                  .next(logits, trial))
          .isEqualTo(best);
    }
  }

  @Test
  void aTokenThatIsTakenBackIsNotPenalised() {
    Sampler greedy = new Sampler(Sampling.GREEDY.withRepetitionPenalty(2), 2);
    float[] logits = {3, 2};
    greedy.saw(0);
    greedy.saw(0);
    greedy.unsaw(0);
    assertThat(greedy.next(logits, 0)).isEqualTo(1);
    greedy.unsaw(0);
    assertThat(greedy.next(logits, 0)).isZero();
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
