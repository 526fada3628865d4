package org.resa4j.tornado.kernel;

import org.resa4j.engine.Device;
import org.resa4j.engine.KvType;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.attention.AttentionTasks;
import org.resa4j.tornado.layer.LayerTasks;

/**
 * Kernels that are written alike, for a class of devices: what an engine is built from. A family
 * supplies every stage; one that has something better for some of them extends another.
 */
public interface KernelFamily {

  /** As in the property {@code resa.tornado.kernels}. */
  String name();

  /** Whether its kernels run on a device. */
  boolean runsOn(Device device);

  /** The format of the KV cache where none is asked for. */
  KvType usualType(Device device);

  /** Its kernels of attention. */
  AttentionTasks attention(Device device);

  /**
   * Its kernels around attention.
   *
   * @param source for arrays of their own
   * @param placeholders the engine's
   */
  LayerTasks layers(ArraySource source, Placeholders placeholders, LayerNeeds needs);
}
