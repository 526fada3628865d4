package org.resa4j.bench.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GivenAcceptanceTest {
  @ParameterizedTest
  @CsvSource({"16, 0.97, 1, 128", "16, 0.97, 8, 128", "2, 0.5, 3, 64", "64, 0.9, 8, 256"})
  void drawsYieldWhatTheRateSaysAndNeverMoreThanAWindow(
      int window, double rate, int sequences, int count) {
    GivenAcceptance given = new GivenAcceptance(window, rate);
    int[][] yields = given.draw(sequences, count);
    assertThat(yields).hasDimensions(given.windows(count), sequences);
    assertThat(Arrays.stream(yields).flatMapToInt(Arrays::stream).average().orElseThrow())
        .isCloseTo(given.meanYield(), within(0.1 * given.meanYield()));
    assertThat(Arrays.stream(yields).flatMapToInt(Arrays::stream).boxed())
        .allMatch(each -> each >= 1 && each <= window);
    assertThat(given.draw(sequences, count)).isDeepEqualTo(yields);
  }

  @Test
  void certaintyYieldsAllOrOne() {
    assertThat(new GivenAcceptance(16, 1).draw(1, 32)).isDeepEqualTo(new int[][] {{16}, {16}});
    assertThat(new GivenAcceptance(16, 0).draw(2, 1)).isDeepEqualTo(new int[][] {{1, 1}});
  }

  @Test
  void whatIsNoProbabilityIsRefused() {
    assertThatThrownBy(() -> new GivenAcceptance(16, 1.01))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.01");
  }
}
