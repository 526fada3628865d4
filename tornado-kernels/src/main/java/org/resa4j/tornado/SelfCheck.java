package org.resa4j.tornado;

import org.resa4j.attention.AttentionShape;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.AttentionLayer;
import org.resa4j.engine.BlockTable;
import org.resa4j.engine.Device;
import org.resa4j.engine.Diagnosis;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.KvType;
import org.resa4j.engine.StepBatch;

/** Runs attention on a device on two tokens whose weights are known, 1/4 and 3/4. */
final class SelfCheck {
  private static final float TOLERANCE = 1e-4f;
  private static final int WIDTH = 64;

  private SelfCheck() {}

  static Diagnosis run(EngineProvider provider, Device device) {
    String subject = device.id() + " computes";
    AttentionShape shape = new AttentionShape(1, 1, WIDTH);
    EngineOptions options =
        EngineOptions.of(16).withDevice(device.id()).withEncodeTokens(1).withKvType(KvType.F32);
    float[] query = new float[WIDTH];
    float[] key = new float[WIDTH];
    float[] value = new float[WIDTH];
    float[] output = new float[WIDTH];
    // The scores of the two tokens are 0 and ln 3.
    query[0] = (float) (Math.log(3) * Math.sqrt(WIDTH));
    try (AttentionLayer layer = provider.openAttention(shape, options)) {
      StepBatch batch = new StepBatch(1);
      BlockTable table = BlockTable.slots(layer.info()).getFirst();
      batch.add(table, 0, 0, ResaConfig.dense(16));
      layer.step(batch, query, key, value, output);
      key[0] = 1;
      value[0] = 1;
      batch.clear();
      batch.add(table, 0, 1, ResaConfig.dense(16));
      layer.step(batch, query, key, value, output);
    } catch (RuntimeException e) {
      return Diagnosis.fault(
          subject, e.getMessage(), "see the driver's message above; try another device");
    }
    return Math.abs(output[0] - 0.75f) < TOLERANCE
        ? Diagnosis.good(subject, "attention over two tokens is right")
        : Diagnosis.fault(
            subject,
            "attention over two tokens gives %g, not 0.75".formatted(output[0]),
            "the driver miscompiles a kernel: update it, or try another device");
  }
}
