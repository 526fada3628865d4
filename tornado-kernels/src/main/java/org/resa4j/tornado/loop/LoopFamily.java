package org.resa4j.tornado.loop;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.kernel.KernelFamily;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.LayerTasks;

/**
 * Loop-parallel kernels: for CPUs, FPGAs and any OpenCL 1.2 device.
 *
 * <p>Not for CUDA: a loop ends at the number of items that TornadoVM 5.2.0 writes to one place of a
 * plan before each task, and in a captured graph the last task's stands there for all.
 */
public final class LoopFamily implements KernelFamily {
  @Override
  public String name() {
    return "loop";
  }

  @Override
  public boolean runsOn(Device device) {
    return !device.backend().equals("cuda");
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
