package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.DriftTarget;
import org.resa4j.attention.ResaConfig;

/** The interval that follows drift, with drifts made up. */
class RectifyIntervalTest {
  private static final double TARGET = 0.1;
  private static final DriftTarget BOUNDS = DriftTarget.of(TARGET);

  private static RectifyInterval interval() {
    return new RectifyInterval(ResaConfig.DEFAULT.withDriftTarget(BOUNDS));
  }

  /** Mean recent drift of some rectifications whose windows of f tokens drift so. */
  private static double mean(RectifyInterval interval, int times, IntToDoubleFunction drift) {
    double sum = 0;
    for (int i = 0; i < times; i++) {
      sum += interval.rectified(drift.applyAsDouble(interval.tokens()));
    }
    return sum / times;
  }

  @Test
  void aFixedIntervalStaysAndMeasures() {
    RectifyInterval interval = new RectifyInterval(ResaConfig.DEFAULT.withRectifyEvery(64));
    assertThat(interval.followsDrift()).isFalse();
    assertThat(interval.rectified(0.4)).isCloseTo(0.4 * Math.sqrt(64 / 256.0), within(1e-12));
    assertThat(interval.rectified(0.01)).isPositive();
    assertThat(interval.tokens()).isEqualTo(64);
    assertThat(new RectifyInterval(ResaConfig.DEFAULT.withRectifyEvery(512)).rectified(0.4))
        .as("a window longer than H")
        .isEqualTo(0.4);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.11, 0.15, 0.2, 0.3, 0.5})
  void aConstantDriftSettlesAtTheTarget(double drift) {
    RectifyInterval interval = interval();
    mean(interval, 10, f -> drift);
    double expected = 256 * (TARGET / drift) * (TARGET / drift);
    assertThat((double) interval.tokens()).isCloseTo(expected, within(0.5));
    assertThat(mean(interval, 20, f -> drift)).isCloseTo(TARGET, within(0.1 * TARGET));
  }

  /** Compounding: δ grows as a power of f. */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 0.5, 1})
  void aDriftThatGrowsWithTheIntervalSettlesAtTheTarget(double power) {
    RectifyInterval interval = interval();
    IntToDoubleFunction drift = f -> 0.25 * Math.pow(f / 40.0, power);
    mean(interval, 20, drift);
    int settled = interval.tokens();
    assertThat(mean(interval, 20, drift)).isCloseTo(TARGET, within(0.1 * TARGET));
    assertThat(interval.tokens()).as("it stays there").isBetween(settled - 2, settled + 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aNoisyDriftAveragesToTheTarget(long seed) {
    RectifyInterval interval = interval();
    Random random = new Random(seed);
    IntToDoubleFunction drift = f -> 0.25 * Math.exp(0.3 * random.nextGaussian());
    mean(interval, 10, drift);
    assertThat(mean(interval, 200, drift))
        .as("seed " + seed)
        .isCloseTo(TARGET, within(0.1 * TARGET));
  }

  @Test
  void aJumpIsFollowedAtMostByTwoAtATime() {
    RectifyInterval interval = interval();
    mean(interval, 20, f -> 0.2);
    assertThat(interval.tokens()).isEqualTo(64);
    int last = 64;
    for (int i = 0; i < 6; i++) {
      interval.rectified(0.4);
      assertThat(interval.tokens()).isBetween((last + 1) / 2, last);
      last = interval.tokens();
    }
    assertThat(interval.tokens()).isBetween(15, 18);
    mean(interval, 4, f -> 0.2);
    assertThat(interval.tokens()).as("and back").isBetween(55, 64);
  }

  @Test
  void theBoundsHold() {
    RectifyInterval interval = interval();
    mean(interval, 10, f -> 0);
    assertThat(interval.tokens()).isEqualTo(256);
    mean(interval, 20, f -> 5);
    assertThat(interval.tokens()).isEqualTo(8);
    assertThat(
            new RectifyInterval(
                    new ResaConfig(
                        16,
                        0.1,
                        16,
                        1,
                        5,
                        Optional.of(new DriftTarget(0.1, 5, 7)),
                        Optional.empty()))
                .tokens())
        .isEqualTo(5);
  }
}
