package org.resa4j.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalTest {
  private static List<Arrival> random(long seed) {
    return Arrival.random(50, 1_000_000, 1024, 512, int[]::new, seed);
  }

  @Test
  void theyComeInOrderFromNowOnWithLengthsInBounds() {
    List<Arrival> arrivals = random(1);
    assertThat(arrivals).extracting(Arrival::at).isSorted().startsWith(0L);
    assertThat(arrivals)
        .allSatisfy(
            each -> {
              assertThat(each.at()).isLessThan(1_000_000);
              assertThat(each.prompt().length).isBetween(64, 1024);
              assertThat(each.tokens()).isBetween(64, 512);
            });
    assertThat(arrivals.stream().map(Arrival::tokens).distinct().count()).isGreaterThan(40);
  }

  @Test
  void aSeedGivesTheSameAgain() {
    assertThat(random(2)).extracting(Arrival::at).isEqualTo(times(random(2)));
    assertThat(random(2)).extracting(Arrival::at).isNotEqualTo(times(random(3)));
  }

  private static List<Long> times(List<Arrival> arrivals) {
    return arrivals.stream().map(Arrival::at).toList();
  }

  @Test
  void allAtOnceIsATimeToo() {
    assertThat(Arrival.random(3, 0, 8, 8, int[]::new, 1)).extracting(Arrival::at).containsOnly(0L);
    assertThat(new Arrival(7, new int[3], 100).now(32)).extracting(Arrival::tokens).isEqualTo(32);
  }

  @Test
  void nothingToReadOrWriteIsRefused() {
    assertThatThrownBy(() -> new Arrival(0, new int[0], 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Arrival(0, new int[1], 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
