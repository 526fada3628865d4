package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.engine.StageTimes;
import org.resa4j.engine.StepBatch;

/** Stage times come from TornadoVM's profiler, task by task. */
class TornadoProfileTest {
  @Test
  void eachStageTakesTimeOnlyWhereItRuns() {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    EngineOptions options =
        EngineOptions.of(64).withEncodeTokens(40).withKvType(KvType.F32).withProfile(true);
    try (AttentionLayer layer = new TornadoEngineProvider().openAttention(shape, options)) {
      assertThat(layer.stageTimes()).isEqualTo(StageTimes.NONE);
      float[] query = new float[40 * 2 * 64];
      float[] key = new float[40 * 64];
      layer.encode(Pages.of(layer, 0), 0, 40, query, key, key, new float[query.length]);
      StageTimes encoded = layer.stageTimes();
      assertThat(encoded.encode()).isPositive();
      assertThat(encoded.attend()).isZero();
      StepBatch batch = new StepBatch(1);
      batch.add(Pages.of(layer, 0), 0, 40, ResaConfig.dense(16));
      layer.step(batch, query, key, key, query);
      StageTimes dense = layer.stageTimes();
      assertThat(dense.attend()).isPositive();
      assertThat(dense.estimate()).isZero();
      batch.clear();
      batch.add(Pages.of(layer, 0), 0, 41, new ResaConfig(16, 0.1, 1, 0, 0));
      layer.step(batch, query, key, key, query);
      StageTimes sparse = layer.stageTimes();
      assertThat(sparse.estimate()).isPositive();
      assertThat(sparse.select()).isPositive();
      assertThat(sparse.attend()).isGreaterThan(dense.attend());
      assertThat(sparse.encode()).isEqualTo(encoded.encode());
    }
  }

  @Test
  void everyRunIsCountedOnce() {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    EngineOptions options =
        EngineOptions.of(64).withEncodeTokens(1).withKvType(KvType.F32).withProfile(true);
    try (AttentionLayer layer = new TornadoEngineProvider().openAttention(shape, options)) {
      float[] query = new float[2 * 64];
      float[] key = new float[64];
      StepBatch batch = new StepBatch(1);
      long start = System.nanoTime();
      for (int position = 0; position < 64; position++) {
        batch.clear();
        batch.add(Pages.of(layer, 0), 0, position, ResaConfig.dense(16));
        layer.step(batch, query, key, key, query);
      }
      StageTimes times = layer.stageTimes();
      assertThat(times.attend() + times.rest()).isBetween(1L, System.nanoTime() - start);
    }
  }
}
