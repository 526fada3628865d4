package org.resa4j.tornado.mma;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.CachePlan;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvStorage;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.attention.AttentionTasks;

/** Where tensor cores do not take a cache, the family that does is named. */
class MmaSubstituteTest {
  private static final AttentionShape SHAPE = new AttentionShape(28, 4, 128);

  private final Device device =
      new Device(
          "cuda:0", "tornado", "cuda", "a GPU", Device.Kind.GPU, 1L << 36, 1L << 34, true, 132);
  private final AttentionTasks tasks = new MmaFamily().attention(device);

  private CachePlan plan(KvType type) {
    EngineOptions options = EngineOptions.of(4096);
    return CachePlan.of(SHAPE, type, tasks.storage(type, device), 1, options);
  }

  @Test
  void halfPrecisionIsOnTensorCores() {
    assertThat(tasks.substitute(plan(KvType.F16))).isEmpty();
  }

  @Test
  void othersAreForTheGroupKernels() {
    assertThat(tasks.substitute(plan(KvType.Q8))).contains("group");
    assertThat(tasks.substitute(plan(KvType.F32))).contains("group");
  }

  @Test
  void eightBitsHaveScalesInFp32AndDescriptorsInFp16() {
    assertThat(plan(KvType.Q8).storage()).isEqualTo(new KvStorage(32, 36, 2));
    double ratio = (double) plan(KvType.Q8).bytes() / plan(KvType.F16).bytes();
    assertThat(ratio).isEqualTo((36.0 / 64 + 1.0 / 16) / (17.0 / 16));
  }
}
