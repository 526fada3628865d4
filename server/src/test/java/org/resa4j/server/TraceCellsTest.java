package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How large what a step says may be; {@link TraceApiTest} has what it says. */
class TraceCellsTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "256,4,1", "257,4,2", "2048,4,8", "2049,4,16", "8192,80,128", "10,9000,16"})
  void cellsStayWithinTheirLimits(int blocks, int layers, int perCell) {
    assertThat(TraceCells.blocksPerCell(blocks, layers)).isEqualTo(perCell);
  }

  @Test
  void noSizeGoesBeyondThem() {
    for (int layers = 1; layers <= 128; layers++) {
      for (int blocks = 1; blocks < 100_000; blocks += 997) {
        int cells = Math.ceilDiv(blocks, TraceCells.blocksPerCell(blocks, layers));
        assertThat(cells).isLessThanOrEqualTo(TraceCells.MOST_IN_LAYER);
        assertThat(cells * layers).isLessThanOrEqualTo(TraceCells.MOST);
      }
    }
  }
}
