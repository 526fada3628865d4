package org.resa4j.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.resa4j.bench.report.Spread;

class WrittenTextTest {
  @Test
  void tokensOfOneCallAreOneDelivery() {
    WrittenText text = new WrittenText(new int[] {1, 2}, 100);
    assertThatThrownBy(text::firstToken).isInstanceOf(IllegalStateException.class);
    text.add(7, 3, 150);
    text.add(8, 5, 180);
    text.add(9, 5, 181);
    text.add(4, 6, 250);
    assertThat(text.tokens()).containsExactly(7, 8, 9, 4);
    assertThat(text.firstToken()).isEqualTo(50);
    assertThat(text.gaps()).containsExactly(30L, 70L);
    // What ends before a time or begins after another is not of the time between.
    assertThat(text.gaps(180, 300)).containsExactly(70L);
    assertThat(text.gaps(100, 180)).containsExactly(30L);
    assertThat(text.gaps(179, 181)).containsExactly(30L, 70L);
  }

  @Test
  void longTextsGrow() {
    WrittenText text = new WrittenText(new int[] {1}, 0);
    for (int i = 0; i < 1000; i++) {
      text.add(i, i, 2L * i);
    }
    assertThat(text.length()).isEqualTo(1000);
    assertThat(text.tokens()[999]).isEqualTo(999);
    assertThat(text.gaps()).hasSize(999).containsOnly(2L);
  }

  @Test
  void quantilesAreTimesThatWereMeasured() {
    Quantiles times = Quantiles.of(LongStream.rangeClosed(1, 200).map(i -> i * 1_000_000));
    assertThat(times.p99()).isEqualTo(new Spread(198, 198, 198));
    assertThat(times.max()).isEqualTo(new Spread(200, 200, 200));
    assertThat(times.spread().median()).isEqualTo(100.5);
    assertThatThrownBy(() -> Quantiles.of(LongStream.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
