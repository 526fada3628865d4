package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.engine.Pages;
import org.resa4j.engine.StepBatch;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;

class RunAheadTest {

  /** A plan that ran its graphs itself would keep a result of each run until it is closed. */
  @Test
  void nothingIsKeptOfARun() throws ReflectiveOperationException {
    AttentionShape shape = new AttentionShape(2, 1, 64);
    EngineOptions options = EngineOptions.of(64).withEncodeTokens(1).withKvType(KvType.F32);
    try (AttentionLayer layer = new TornadoEngineProvider().openAttention(shape, options)) {
      int kept = results(layer).size();
      float[] query = new float[2 * 64];
      float[] key = new float[64];
      StepBatch batch = new StepBatch(1);
      for (int position = 0; position < 20; position++) {
        batch.clear();
        batch.add(Pages.of(layer, 0), 0, position, ResaConfig.dense(16));
        layer.step(batch, query, key, key, query);
      }
      assertThat(results(layer)).hasSize(kept);
    }
  }

  private static Collection<?> results(AttentionLayer layer) throws ReflectiveOperationException {
    Object program = field(TornadoAttentionLayer.class, "program", layer);
    Object plan = field(DeviceProgram.class, "plan", program);
    return (Collection<?>) field(TornadoExecutionPlan.class, "planResults", plan);
  }

  private static Object field(Class<?> type, String name, Object of)
      throws ReflectiveOperationException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
