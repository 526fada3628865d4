package org.resa4j.bench.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;

/** The benchmarks' own check: it must pass right results and see wrong ones. */
class RandomLayerTest {
  private static final AttentionShape SHAPE = new AttentionShape(6, 2, 64);
  private static final ResaConfig SPARSE = new ResaConfig(16, 0.2, 2, 1, 32);

  private static RandomLayer open() {
    return new RandomLayer(
        Engines.choose(Optional.of("jvm"), Optional.empty())
            .provider()
            .openAttention(SHAPE, EngineOptions.of(1000).withSequences(2)));
  }

  @Test
  void passesWhatIsRight() {
    try (RandomLayer layer = open()) {
      layer.step(SPARSE);
      assertThat(layer.stepError(1, 4)).isLessThan(1e-5);
      assertThat(layer.selectionError(1, 1, SPARSE)).isLessThan(1e-6);
      layer.rectify(1, 32);
      assertThat(layer.rectifyError(0, 32, 5)).isLessThan(1e-5);
      assertThat(layer.rectifyError(31, 32, 0)).isLessThan(1e-5);
      ResaConfig all = new ResaConfig(16, 0.99, 63, 1, 32);
      layer.step(all);
      assertThat(layer.selectionError(0, 0, all)).isZero();
    }
  }

  @Test
  void seesWhatIsWrong() {
    try (RandomLayer layer = open()) {
      layer.step(SPARSE);
      // A step's output is not a rectification's.
      assertThat(layer.rectifyError(0, 32, 0)).isGreaterThan(1e-2);
      layer.step(ResaConfig.dense(16));
      // Too many blocks.
      assertThat(layer.selectionError(0, 0, SPARSE)).isInfinite();
      // Values in the last block, which is always attended to, that the reference does not know.
      layer.layer().load(layer.tables().getFirst(), 984, 15, filled(0), filled(1000));
      layer.step(SPARSE);
      assertThat(layer.stepError(0, 0)).isGreaterThan(1e-2);
      // A block whose keys the estimate has to prefer, where the reference sees ordinary ones.
      layer.layer().load(layer.tables().getFirst(), 0, 16, filled(100), filled(0));
      layer.step(SPARSE);
      double large = layer.selectionError(0, 0, SPARSE) + layer.selectionError(0, 1, SPARSE);
      assertThat(large).isGreaterThan(1e-3);
    }
  }

  @Test
  void tokensAreTheSameByPositionAndByChunk() {
    RandomTokens random = new RandomTokens(SHAPE, 7);
    int row = SHAPE.kvHeads() * SHAPE.headDim();
    float[] key = new float[3 * row];
    float[] value = new float[3 * row];
    random.write(41, 3, key, value);
    assertThat(key[2 * row + 64 + 5]).isEqualTo(random.key(43, 1, 5));
    assertThat(value[row + 63]).isEqualTo(random.value(42, 0, 63));
    assertThat(key).doesNotContain(value[0]);
    random.write(0, 3, key, value);
    for (float[] some : new float[][] {key, value}) {
      double mean = 0;
      double square = 0;
      for (float x : some) {
        mean += x / some.length;
        square += (double) x * x / some.length;
      }
      assertThat(mean).isCloseTo(0, within(0.15));
      assertThat(square).isCloseTo(1, within(0.15));
    }
  }

  @Test
  void everySequenceHoldsThem() {
    RandomTokens random = new RandomTokens(SHAPE, 20260704);
    try (RandomLayer layer = open()) {
      layer.step(SPARSE);
      CacheSnapshot second = layer.layer().snapshot(layer.tables().get(1), 1000);
      assertThat(second.key()[(1000 + 999) * 64 + 3]).isEqualTo(random.key(999, 1, 3));
      assertThat(second.value()[128 * 64]).isEqualTo(random.value(128, 0, 0));
    }
  }

  private static float[] filled(float x) {
    float[] tokens = new float[16 * 128];
    Arrays.fill(tokens, x);
    return tokens;
  }
}
