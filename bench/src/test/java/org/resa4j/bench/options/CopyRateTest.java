package org.resa4j.bench.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PrimitiveIterator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class CopyRateTest {
  private static PrimitiveIterator.OfDouble rates(double... rates) {
    return DoubleStream.of(rates).iterator();
  }

  @Test
  void theBestRateCountsOnceItIsReachedTwice() {
    assertThat(CopyRate.settled(rates(20, 38, 25, 40)::nextDouble)).hasValue(40);
    assertThat(CopyRate.settled(rates(40, 39)::nextDouble)).hasValue(40);
  }

  @Test
  void ratesThatNeverAgreeAreNone() {
    assertThat(CopyRate.settled(rates(1, 2, 4, 8)::nextDouble)).isEmpty();
  }
}
