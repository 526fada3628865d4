package org.resa4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
  /** Against {@code binom.confint(..., methods = "wilson")} of R, and Newcombe's table I. */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0, 0.1611",
    "1, 29, 0.0061, 0.1718",
    "29, 29, 0.8830, 1"
  })
  void wilsonsIntervalIsThePublishedOne(long successes, long trials, double lower, double upper) {
    Interval interval = Interval.wilson(successes, trials);
    assertThat(interval.estimate()).isEqualTo((double) successes / trials);
    assertThat(interval.lower()).isCloseTo(lower, within(5e-5));
    assertThat(interval.upper()).isCloseTo(upper, within(5e-5));
  }

  @Test
  void theBootstrapOfAMeanComesNearTheNormalIntervalAndRepeats() {
    Random random = new Random(7);
    double[] values = random.doubles(400).toArray();
    Interval interval = Interval.bootstrapMean(values);
    double half = 1.96 * Math.sqrt(1.0 / 12 / 400);
    assertThat(interval.estimate() - interval.lower()).isCloseTo(half, within(0.15 * half));
    assertThat(interval.upper() - interval.estimate()).isCloseTo(half, within(0.15 * half));
    assertThat(Interval.bootstrapMean(values)).isEqualTo(interval);
  }

  @Test
  void stepsOfOneTextAreNoIndependentTrials() {
    long[] right = new long[50];
    long[] all = new long[50];
    for (int text = 0; text < 50; text++) {
      all[text] = 100;
      right[text] = text % 2 == 0 ? 100 : 0;
    }
    Interval steps = Interval.bootstrapShare(right, all);
    Interval texts = Interval.wilson(25, 50);
    assertThat(steps.estimate()).isEqualTo(0.5);
    assertThat(steps.upper() - steps.lower())
        .isCloseTo(texts.upper() - texts.lower(), within(0.04));
  }

  @Test
  void longTextsCountForMore() {
    assertThat(Interval.bootstrapShare(new long[] {9, 0}, new long[] {9, 1}).estimate())
        .isEqualTo(0.9);
  }

  @Test
  void whereNothingVariesATextIsATrial() {
    long[] all = {100, 100, 100, 0};
    assertThat(Interval.bootstrapShare(all, all)).isEqualTo(Interval.wilson(3, 3));
    assertThat(Interval.bootstrapShare(new long[4], all)).isEqualTo(Interval.wilson(0, 3));
  }

  /** Newcombe's example (a): 56/70 against 48/80, difference 0.0524 to 0.3339 by method 10. */
  @Test
  void figuresDisagreeWhereTheirDifferencesIntervalIsBesideZero() {
    assertThat(Interval.wilson(56, 70).agrees(Interval.wilson(48, 80))).isFalse();
    assertThat(Interval.wilson(48, 80).agrees(Interval.wilson(56, 70))).isFalse();
    assertThat(Interval.wilson(53, 70).agrees(Interval.wilson(50, 80))).isTrue();
    // Their intervals overlap, and still they differ.
    assertThat(Interval.wilson(56, 70).lower()).isLessThan(Interval.wilson(48, 80).upper());
  }

  @Test
  void oneOfManyComparisonsNeedsMoreToDisagree() {
    Interval high = Interval.wilson(56, 70);
    Interval low = Interval.wilson(48, 80);
    // Apart by 2.6 standard errors: beyond 2.24 of two comparisons, within 2.81 of ten.
    assertThat(high.agrees(low, 2)).isFalse();
    assertThat(high.agrees(low, 10)).isTrue();
    assertThat(Interval.wilson(70, 70).agrees(Interval.wilson(0, 80), 1000)).isFalse();
    assertThatThrownBy(() -> high.agrees(low, 0)).hasMessageContaining("no comparison 0");
  }

  @Test
  void whatIsNoShareIsRefused() {
    assertThatThrownBy(() -> Interval.wilson(0, 0)).hasMessageContaining("0 of 0");
    assertThatThrownBy(() -> Interval.wilson(3, 2)).hasMessageContaining("3 of 2");
    assertThatThrownBy(() -> Interval.bootstrapMean()).hasMessageContaining("no finite values");
    assertThatThrownBy(() -> Interval.bootstrapShare(new long[1], new long[1]))
        .hasMessageContaining("no finite values");
    assertThatThrownBy(() -> new Interval(2, 0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsPercent() {
    assertThat(Interval.wilson(81, 263).percent()).isEqualTo("30.8 [25.5, 36.6]");
  }
}
