package org.resa4j.tornado.mma;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.group.GroupLayer;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.LayerTasks;

/**
 * Kernels on tensor cores, through TornadoVM's matrix multiply-accumulate of the CUDA back end; the
 * other stages are those of {@link org.resa4j.tornado.group.GroupFamily}.
 */
public class MmaFamily implements KernelFamily {
  @Override
  public String name() {
    return "mma";
  }

  @Override
  public boolean runsOn(Device device) {
    return device.backend().equals("cuda");
  }

  @Override
  public KvType usualType(Device device) {
    return device.fp16() ? KvType.F16 : KvType.F32;
  }

  @Override
  public AttentionTasks attention(Device device) {
    return new MmaAttention(device);
  }

  @Override
  public LayerTasks layers(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    return needs.half()
        ? new MmaLayer(source, placeholders, needs)
        : new GroupLayer(source, placeholders, needs);
  }
}
