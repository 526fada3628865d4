package org.resa4j.engine.jvm;

import org.resa4j.engine.Device;
import org.resa4j.engine.DeviceProbe;

/** Measures the CPU. */
public final class JvmProbe implements DeviceProbe {
  @Override
  public String engine() {
    return JvmEngineProvider.NAME;
  }

  @Override
  public boolean hasDeviceClock() {
    return false;
  }

  @Override
  public double copyBandwidth(Device device) {
    JvmEngineProvider.checkDevice(device.id());
    return CopyBandwidth.measure(Runtime.getRuntime().availableProcessors());
  }

  @Override
  public String driver(Device device) {
    JvmEngineProvider.checkDevice(device.id());
    return "Java " + Runtime.version();
  }
}
