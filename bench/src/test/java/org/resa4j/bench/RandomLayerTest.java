package org.resa4j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionShape;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.Engines;

/** The benchmarks' own check: it must pass right results and see wrong ones. */
class RandomLayerTest {
  private static final ResaConfig SPARSE = new ResaConfig(16, 0.2, 2, 1, 32);

  private static RandomLayer open() {
    return new RandomLayer(
        Engines.find(Optional.of("jvm"), Optional.empty())
            .openAttention(new AttentionShape(6, 2, 64), EngineOptions.of(1000).withSequences(2)));
  }

  @Test
  void passesWhatIsRight() {
    try (RandomLayer layer = open()) {
      layer.step(SPARSE);
      assertThat(layer.stepError(1, 4)).isLessThan(1e-5);
      assertThat(layer.missedBlocks(1, 1, SPARSE)).isZero();
      layer.rectify(1, 32);
      assertThat(layer.rectifyError(0, 32, 5)).isLessThan(1e-5);
      assertThat(layer.rectifyError(31, 32, 0)).isLessThan(1e-5);
    }
  }

  @Test
  void seesWhatIsWrong() {
    try (RandomLayer layer = open()) {
      layer.step(SPARSE);
      // A step's output is not a rectification's.
      assertThat(layer.rectifyError(0, 32, 0)).isGreaterThan(1e-2);
      layer.step(ResaConfig.dense(16));
      // Values in the last block, which is always attended to, that the reference does not know.
      layer.layer().load(0, 984, 15, filled(0), filled(1000));
      layer.step(SPARSE);
      assertThat(layer.stepError(0, 0)).isGreaterThan(1e-2);
    }
  }

  private static float[] filled(float x) {
    float[] tokens = new float[16 * 128];
    Arrays.fill(tokens, x);
    return tokens;
  }
}
