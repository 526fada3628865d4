package org.resa4j.tornado.cublas;

import java.util.function.Predicate;
import org.resa4j.engine.Device;
import org.resa4j.tornado.array.ArraySource;
import org.resa4j.tornado.array.Placeholders;
import org.resa4j.tornado.kernel.LayerNeeds;
import org.resa4j.tornado.layer.LayerTasks;
import org.resa4j.tornado.mma.MmaFamily;

/**
 * Kernels on tensor cores, and NVIDIA's cuBLAS for matrix products of several rows with weights in
 * fp16; the other stages are those of {@link MmaFamily}.
 */
public final class CuBlasFamily extends MmaFamily {
  private final Predicate<Device> hasLibrary;

  /**
   * @param hasLibrary whether TornadoVM finds the library for a CUDA device, and it computes there
   */
  public CuBlasFamily(Predicate<Device> hasLibrary) {
    this.hasLibrary = hasLibrary;
  }

  @Override
  public String name() {
    return "cublas";
  }

  @Override
  public boolean runsOn(Device device) {
    return super.runsOn(device) && hasLibrary.test(device);
  }

  @Override
  public LayerTasks layers(ArraySource source, Placeholders placeholders, LayerNeeds needs) {
    return needs.half()
        ? new CuBlasLayer(source, placeholders, needs)
        : super.layers(source, placeholders, needs);
  }
}
