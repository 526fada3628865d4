package org.resa4j.tornado.group;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.LayerTasks;

/** Kernels of work-groups with local memory: for GPUs. */
public final class GroupFamily implements KernelFamily {
  @Override
  public String name() {
    return "group";
  }

  @Override
  public boolean runsOn(Device device) {
    return true;
  }

  @Override
  public KvType usualType(Device device) {
    return device.fp16() ? KvType.F16 : KvType.F32;
  }

  @Override
  public AttentionTasks attention(Device device) {
    return new GroupAttention(device);
  }

  @Override
  public LayerTasks layers(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    return new GroupLayer(source, placeholders, needs);
  }
}
