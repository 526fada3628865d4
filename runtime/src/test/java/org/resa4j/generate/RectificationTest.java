package org.resa4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RectificationTest {
  @Test
  void sumsWeighDriftByRectificationsThatMeasuredIt() {
    Rectification sum =
        Rectification.measured(32, 0.1)
            .plus(Rectification.measured(32, 0.2))
            .plus(Rectification.unmeasured(16))
            .plus(Rectification.measured(64, 0.6));
    assertThat(sum.count()).isEqualTo(4);
    assertThat(sum.measured()).isEqualTo(3);
    assertThat(sum.meanInterval()).isEqualTo(36);
    assertThat(sum.recentDrift().orElseThrow()).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void nothingRectifiedHasNoIntervalAndNoDrift() {
    Rectification none = Rectification.NONE.plus(Rectification.NONE);
    assertThat(none.meanInterval()).isZero();
    assertThat(none.recentDrift()).isEmpty();
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> new Rectification(-1, 0, 0, OptionalDouble.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Rectification(1, 1, 2, OptionalDouble.of(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Rectification(1, 1, 1, OptionalDouble.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
