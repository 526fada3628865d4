package org.resa4j.tornado;

import java.util.Optional;
import org.resa4j.engine.Device;
import org.resa4j.engine.DeviceProbe;

/** Measures devices through TornadoVM. */
public final class TornadoProbe implements DeviceProbe {
  @Override
  public String engine() {
    return TornadoEngineProvider.NAME;
  }

  @Override
  public boolean hasDeviceClock() {
    return true;
  }

  @Override
  public double copyBandwidth(Device device) {
    Requirements.check();
    return CopyBandwidth.measure(TornadoDevices.find(Optional.of(device.id())));
  }

  @Override
  public String driver(Device device) {
    Requirements.check();
    return TornadoDevices.find(Optional.of(device.id())).driver();
  }
}
