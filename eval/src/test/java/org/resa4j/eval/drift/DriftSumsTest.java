package org.resa4j.eval.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Engine;

class DriftSumsTest {
  @ParameterizedTest
  @CsvSource({"1,0", "2,1", "3,2", "4,2", "5,3", "8,3", "32,5", "33,6", "2147483647,31"})
  void binsArePowersOfTwo(int distance, int bin) {
    assertThat(DriftSums.bin(distance)).isEqualTo(bin);
  }

  /** What is put into an engine's cache is what is found there, in its place and no other. */
  @Test
  void findsTheDriftThatACacheWasGiven() {
    int end = 97;
    int perturbed = 3;
    try (Engine engine = Forced.engine(4)) {
      TeacherForcing forcing = new TeacherForcing(engine, List.of(Forced.ragged().get(1)));
      forcing.prefill(0, end);
      CacheRows dense = CacheRows.copy(engine, Forced.MODEL.config(), forcing.table(0), 0, end);
      CacheRows off =
          CacheRows.copy(engine, Forced.MODEL.config(), forcing.table(0), end - perturbed, end);
      // K of layer 1 a tenth too long, V of layer 0 of the wrong sign.
      scale(off.keys()[1], 1.1f);
      scale(off.values()[0], -1);
      off.restore(engine, forcing.table(0), end - perturbed, end);

      DriftSums sums = DriftSums.zero(Forced.MODEL.config().caches());
      sums.add(CacheRows.copy(engine, Forced.MODEL.config(), forcing.table(0), 10, end), dense);
      for (int bin = 0; bin <= 6; bin++) {
        // Distances 1; 2; and of 3 and 4 the first.
        double share = bin < 2 ? 1 : bin == 2 ? share(dense, end) : 0;
        assertThat(drift(sums, DriftSums.KEY, 1, bin))
            .as("K, bin %d", bin)
            .isCloseTo(0.1 * share, within(1e-5));
        assertThat(drift(sums, DriftSums.KEY, 0, bin)).isZero();
        assertThat(drift(sums, DriftSums.VALUE, 1, bin)).isZero();
        assertThat(drift(sums, DriftSums.VALUE, 0, bin) > 0).isEqualTo(bin <= 2);
      }
      assertThat(drift(sums, DriftSums.VALUE, 0, 0)).isCloseTo(2, within(1e-6));
    }
  }

  private static void scale(float[] x, float factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }

  /** Norm of layer 1's K at distance 3, over that at distances 3 and 4. */
  private static double share(CacheRows dense, int end) {
    double near = squares(dense, end - 3);
    return Math.sqrt(near / (near + squares(dense, end - 4)));
  }

  private static double squares(CacheRows rows, int token) {
    int width = rows.width();
    float[] keys = Arrays.copyOfRange(rows.keys()[1], token * width, (token + 1) * width);
    double sum = 0;
    for (float key : keys) {
      sum += (double) key * key;
    }
    return sum;
  }

  private static double drift(DriftSums sums, int tensor, int layer, int bin) {
    return Math.sqrt(sums.difference()[tensor][layer][bin] / sums.dense()[tensor][layer][bin]);
  }
}
