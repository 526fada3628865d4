package org.resa4j.bench.report;

import java.util.Locale;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.KvType;

/**
 * What was measured on.
 *
 * @param engine {@code jvm}, {@code tornado}, or a peer: {@code pytorch-sdpa}, {@code llama.cpp}
 * @param device the device's id, as {@code --device} takes it
 * @param deviceName the device's own name
 * @param backend {@code vector}, {@code opencl}, {@code cuda} ...; a peer's kernel
 * @param kvType format of the KV cache
 */
public record Target(
    String engine, String device, String deviceName, String backend, KvType kvType) {
  public static Target of(EngineInfo info) {
    Device device = info.device();
    return new Target(device.engine(), device.id(), device.name(), device.backend(), info.kvType());
  }

  /** {@code f16}, as flags have it. */
  public String kvLabel() {
    return kvType.name().toLowerCase(Locale.ROOT);
  }

  /** Engine and device in few words, for tables and legends. */
  public String label() {
    return engine.equals(device) ? device : engine + " " + device;
  }
}
