package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelectTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final float[] AWKWARD = {
    0,
    -0f,
    1,
    -1,
    INFINITY,
    -INFINITY,
    Float.NaN,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e-45f,
    -1e-45f
  };

  private static int[] select(float[] scores, int local, int keep) {
    int[] byVectors = select(new PanamaOps(), scores, local, keep);
    assertThat(select(new ScalarOps(), scores, local, keep)).isEqualTo(byVectors);
    return byVectors;
  }

  private static int[] select(VectorOps ops, float[] scores, int local, int keep) {
    int[] selected = new int[keep + 2];
    Arrays.fill(selected, -1);
    float[] copy = new float[scores.length + 3];
    System.arraycopy(scores, 0, copy, 3, scores.length);
    new Select(ops, scores.length).select(copy, 3, scores.length, local, keep, selected, 1);
    assertThat(selected[0]).isEqualTo(-1);
    assertThat(selected[keep + 1]).isEqualTo(-1);
    return Arrays.copyOfRange(selected, 1, keep + 1);
  }

  /** By sorting. */
  private static int[] expected(float[] scores, int local, int keep) {
    int others = scores.length - local;
    IntStream best =
        IntStream.range(0, others)
            .boxed()
            .sorted(
                Comparator.comparing(
                    (Integer i) -> Float.isNaN(scores[i]) ? -INFINITY : scores[i] + 0f,
                    Comparator.reverseOrder()))
            .limit(keep - local)
            .mapToInt(i -> i);
    return IntStream.concat(best, IntStream.range(others, scores.length)).sorted().toArray();
  }

  @Test
  void whateverTheScoresAreTheHighestAreSelectedAscending() {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2000; round++) {
      float[] scores = new float[random.nextInt(1, 40)];
      int kinds = random.nextInt(1, AWKWARD.length + 1);
      for (int i = 0; i < scores.length; i++) {
        scores[i] =
            round % 2 == 0
                ? AWKWARD[random.nextInt(kinds)]
                : (float) random.nextGaussian() * AWKWARD[random.nextInt(kinds)];
      }
      int local = random.nextInt(scores.length + 1);
      int keep = random.nextInt(local, scores.length + 1);
      assertThat(select(scores, local, keep))
          .as("%d local, %d of %s", local, keep, Arrays.toString(scores))
          .isEqualTo(expected(scores, local, keep));
    }
  }

  @Test
  void amongManyTheCutIsTheSameWhereverASampleSeesIt() {
    long seed = new SplittableRandom().nextLong() >>> 1;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      float[] scores = new float[random.nextInt(500, 3000)];
      int levels = random.nextInt(1, 200);
      // A sample looks at evenly spaced blocks: let these tell nothing, or lies.
      int period = random.nextInt(1, 40);
      float odd = AWKWARD[random.nextInt(AWKWARD.length)];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = i % period == 0 ? odd : random.nextInt(levels) - levels / 2;
        if (round % 3 == 0) {
          scores[i] = (float) random.nextGaussian();
        }
      }
      int local = random.nextInt(20);
      int keep = local + random.nextInt(scores.length / 3);
      assertThat(select(scores, local, keep))
          .as("round %d: %d local, %d of %d", round, local, keep, scores.length)
          .isEqualTo(expected(scores, local, keep));
    }
  }

  @Test
  void localBlocksStayBesideInfiniteScores() {
    assertThat(select(new float[] {INFINITY, INFINITY, INFINITY, 0}, 1, 2)).containsExactly(0, 3);
  }

  @Test
  void nothingButNaN() {
    float[] scores = new float[9];
    Arrays.fill(scores, Float.NaN);
    assertThat(select(scores, 2, 5)).containsExactly(0, 1, 2, 7, 8);
  }
}
