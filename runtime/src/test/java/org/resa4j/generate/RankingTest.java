package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static final int VOCABULARY = 1000;

  private final long seed = new SplittableRandom().nextLong() >>> 1;
  private final SplittableRandom random = new SplittableRandom(seed);

  /** With ties, some of them hidden by a filter, and a few far above the others. */
  private float[] logits() {
    float[] logits = new float[VOCABULARY];
    double spread = Math.exp(random.nextDouble(-3, 4));
    for (int i = 0; i < VOCABULARY; i++) {
      logits[i] = (float) (Math.round(8 * spread * (random.nextDouble() - 0.5)) / 8.0);
      if (random.nextInt(50) == 0) {
        logits[i] += 20;
      }
      if (random.nextInt(10) == 0) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
    return logits;
  }

  private static float highest(float[] logits) {
    float highest = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      highest = Math.max(highest, logit);
    }
    return highest;
  }

  @RepeatedTest(50)
  void everyRankIsThatOfASort() {
    float[] logits = logits();
    List<Integer> sorted =
        IntStream.range(0, VOCABULARY)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(token -> -logits[token]))
            .toList();
    Ranking ranking = new Ranking(logits);
    double temperature = Math.exp(random.nextDouble(-4, 3));
    for (int ranks : new int[] {1, 2, 20, VOCABULARY / 8 - 1, VOCABULARY / 8, VOCABULARY}) {
      ranking.begin(highest(logits), temperature, ranks);
      assertThat(IntStream.range(0, ranks).map(ranking::token).boxed())
          .as("seed %d, %d ranks", seed, ranks)
          .isEqualTo(sorted.subList(0, ranks));
    }
    ranking.begin(highest(logits), temperature);
    int last = random.nextInt(VOCABULARY);
    assertThat(ranking.token(last)).as("seed %d, rank %d", seed, last).isEqualTo(sorted.get(last));
    assertThat(ranking.token(0)).as("seed %d", seed).isEqualTo(sorted.getFirst());
  }

  @RepeatedTest(20)
  void sumsOfExponentialsAreThoseOfTheLibrary() {
    float[] logits = logits();
    double temperature = Math.exp(random.nextDouble(-6, 3));
    float highest = highest(logits);
    double expected = 0;
    for (float logit : logits) {
      expected += Math.exp((logit - highest) / temperature);
    }
    assertThat(Exponentials.sum(logits, highest, temperature))
        .as("seed %d", seed)
        .isCloseTo(expected, within(1e-14 * VOCABULARY * expected));
  }

  @Test
  void powersAreThoseOfTheLibrary() {
    for (double x = 0; x > -1100; x -= 0.37) {
      assertThat(Exponentials.power(x))
          .as("2^%f", x)
          .isCloseTo(Math.pow(2, x), within(4e-16 * Math.pow(2, x) + Double.MIN_NORMAL * 0x1p40));
    }
    assertThat(Exponentials.power(Double.NEGATIVE_INFINITY)).isLessThan(1e-300);
    assertThat(Exponentials.power(0)).isEqualTo(1);
  }
}
