package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.resa4j.tornado.attention.Scores;

/** Scores that a search on values may fail at, and what has to come of them. */
public final class AwkwardScores {
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final float[] MIXED = {
    0, -0f, 1, -1, INFINITY, -INFINITY, Float.NaN, Float.MAX_VALUE, -Float.MAX_VALUE, 1e-30f, -1e30f
  };

  private AwkwardScores() {}

  /** Of {@code count} blocks each, by what they are. */
  public static Map<String, float[]> of(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, float[]> all = new LinkedHashMap<>();
    all.put("negative", filled(count, i -> -1 - random.nextFloat() * 100));
    all.put("positive", filled(count, i -> 1e-3f + random.nextFloat()));
    all.put("of both signs", filled(count, i -> (float) random.nextGaussian()));
    all.put("zeros of both signs", filled(count, i -> i % 3 == 0 ? -0f : 0f));
    all.put("equal and negative", filled(count, i -> -7.25f));
    all.put("a third equal, far below", filled(count, i -> i % 3 == 1 ? -1e30f : -i));
    all.put("NaN", filled(count, i -> Float.NaN));
    all.put("some NaN", filled(count, i -> i % 3 == 1 ? Float.NaN : -i));
    all.put("NaN first", filled(count, i -> i == 0 ? Float.NaN : random.nextFloat()));
    all.put("+inf", filled(count, i -> INFINITY));
    all.put("-inf", filled(count, i -> -INFINITY));
    all.put(
        "some infinite", filled(count, i -> i % 4 == 0 ? INFINITY : i % 4 == 1 ? -INFINITY : i));
    all.put("the largest", filled(count, i -> i % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE));
    all.put("far apart", filled(count, i -> i % 2 == 0 ? -1e38f : 1e-20f * i));
    all.put("mixed", filled(count, i -> MIXED[random.nextInt(MIXED.length)]));
    return all;
  }

  private interface Score {
    float at(int block);
  }

  private static float[] filled(int count, Score score) {
    float[] scores = new float[count];
    for (int i = 0; i < count; i++) {
      scores[i] = score.at(i);
    }
    return scores;
  }

  /** What a kernel has to select, by sorting, which tells zeros of two signs apart. */
  public static int[] expected(float[] scores, int keep, int local) {
    float[] finite = new float[scores.length];
    for (int i = 0; i < finite.length; i++) {
      finite[i] =
          Float.isNaN(scores[i])
              ? Scores.LOWEST
              : Math.clamp(scores[i] + 0f, Scores.LOWEST, Scores.HIGHEST);
    }
    return GroupKernelRun.select(finite, keep, local);
  }

  /** Fails unless the blocks are ascending, of those there are, and with the local ones. */
  public static void wellFormed(String what, int[] selected, int blocks, int local) {
    for (int i = 1; i < selected.length; i++) {
      assertThat(selected[i])
          .as("%s: %s", what, Arrays.toString(selected))
          .isGreaterThan(selected[i - 1]);
    }
    assertThat(selected[0]).as(what).isNotNegative();
    assertThat(selected[selected.length - 1]).as(what).isLessThan(blocks);
    assertThat(Arrays.copyOfRange(selected, selected.length - local, selected.length))
        .as(what)
        .isEqualTo(IntStream.range(blocks - local, blocks).toArray());
  }
}
