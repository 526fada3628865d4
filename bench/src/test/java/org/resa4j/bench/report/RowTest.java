package org.resa4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowTest {
  private static Row row(Optional<Spread> wall, Optional<Spread> device, double error) {
    Row row = Rows.row(Rows.GPU, 4096, "attend", 1);
    return new Row(
        row.benchmark(),
        row.target(),
        row.work(),
        row.stage(),
        wall,
        device,
        OptionalLong.of(2_000_000_000L),
        OptionalLong.of(8),
        OptionalDouble.of(4e12),
        error);
  }

  private static final Optional<Spread> ONE = Optional.of(new Spread(1, 1, 1));
  private static final Optional<Spread> TWO = Optional.of(new Spread(2, 2, 2));

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1})
  void thereIsNoRowWithoutAnError(double error) {
    assertThatThrownBy(() -> row(ONE, ONE, error))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("attend");
  }

  @Test
  void thereIsNoRowWithoutATime() {
    assertThatThrownBy(() -> row(Optional.empty(), Optional.empty(), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratesAreOfDeviceTimeAndTokensOfWallTime() {
    Row row = row(TWO, ONE, 0);
    assertThat(row.gigabytesPerSecond().getAsDouble()).isEqualTo(2000);
    assertThat(row.copyShare().getAsDouble()).isEqualTo(0.5);
    assertThat(row.tokensPerSecond().getAsDouble()).isEqualTo(4000);
    assertThat(row(TWO, Optional.empty(), 0).gigabytesPerSecond().getAsDouble()).isEqualTo(1000);
  }

  @Test
  void quartilesAreInterpolated() {
    Spread spread = Spread.ofNanos(4_000_000, 1_000_000, 3_000_000, 2_000_000);
    assertThat(spread).isEqualTo(new Spread(2.5, 1.75, 3.25));
    assertThat(Spread.ofNanos(7_000_000)).isEqualTo(new Spread(7, 7, 7));
    assertThat(spread.times(2).plus(spread)).isEqualTo(new Spread(7.5, 5.25, 9.75));
    assertThatThrownBy(() -> new Spread(1, 2, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(Spread::ofNanos).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void speedUpsCompareLikeWithLike() {
    Row sparse = Rows.row(Rows.GPU, 4096, "ReSA step", 2);
    List<Row> rows =
        List.of(
            Rows.row(Rows.GPU, 4096, "dense step", 8),
            Rows.row(Rows.PEER, 4096, "dense step", 5),
            Rows.row(Rows.GPU, 16384, "dense step", 32),
            Rows.row(Rows.JVM, 4096, "dense step", 1),
            Rows.row(Rows.GPU, 4096, "dense prefill", 1),
            sparse);
    assertThat(SpeedUp.overOwnDense(sparse, rows).orElseThrow().ratio().estimate())
        .isCloseTo(4, within(1e-12));
    assertThat(SpeedUp.overBestDense(sparse, rows).orElseThrow().ratio().estimate())
        .isCloseTo(2.5, within(1e-12));
    assertThat(SpeedUp.overOwnDense(rows.getFirst(), rows)).isEmpty();
    assertThat(SpeedUp.overOwnDense(Rows.row(Rows.GPU, 65536, "ReSA step", 2), rows)).isEmpty();
  }

  @Test
  void theHostsShareIsWhatTheDeviceLeaves() {
    assertThat(row(TWO, ONE, 0).hostShare().getAsDouble()).isEqualTo(0.5);
    assertThat(row(ONE, TWO, 0).hostShare()).isEmpty();
    assertThat(row(TWO, Optional.empty(), 0).hostShare()).isEmpty();
  }

  @Test
  void whatCountsTokensIsComparedByWallTime() {
    Row own = counted(Rows.GPU, "dense tg32", 10, Optional.of(4.0));
    Row peer = counted(Rows.PEER, "dense tg32", 8, Optional.empty());
    Row sparse = counted(Rows.GPU, "ReSA tg32", 5, Optional.of(1.0));
    List<Row> rows = List.of(own, peer, sparse);
    assertThat(SpeedUp.overOwnDense(sparse, rows).orElseThrow().ratio().estimate())
        .isCloseTo(2, within(1e-12));
    assertThat(SpeedUp.overBestDense(sparse, rows).orElseThrow().ratio().estimate())
        .isCloseTo(1.6, within(1e-12));
  }

  private static Row counted(Target target, String stage, double wall, Optional<Double> device) {
    Row made = Rows.row(target, 4096, stage, 1);
    return new Row(
        made.benchmark(),
        target,
        made.work(),
        stage,
        Optional.of(new Spread(wall, wall, wall)),
        device.map(time -> new Spread(time, time, time)),
        OptionalLong.empty(),
        OptionalLong.of(1),
        OptionalDouble.empty(),
        0);
  }
}
