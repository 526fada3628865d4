package org.resa4j.tornado.mma;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.model.ModelConfig;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.group.GroupLayer;
import org.resa4j.tornado.kernel.KernelFamily;
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
  public LayerTasks layers(ArraySource source, ModelConfig config, int rows, boolean half) {
    return half ? new MmaLayer(source, config, rows) : new GroupLayer();
  }
}
