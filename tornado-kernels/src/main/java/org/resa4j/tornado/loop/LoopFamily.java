package org.resa4j.tornado.loop;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.LayerTasks;

/** Loop-parallel kernels: for CPUs, FPGAs and any OpenCL 1.2 device. */
public final class LoopFamily implements KernelFamily {
  @Override
  public String name() {
    return "loop";
  }

  @Override
  public boolean runsOn(Device device) {
    return true;
  }

  @Override
  public KvType usualType(Device device) {
    return KvType.F32;
  }

  @Override
  public AttentionTasks attention(Device device) {
    return new LoopAttention();
  }

  @Override
  public LayerTasks layers(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    return new LoopLayer();
  }
}
