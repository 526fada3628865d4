package org.resa4j.engine;

/**
 * What benchmarks want to know of an engine's devices; found through {@link
 * java.util.ServiceLoader}, one for each engine.
 */
public interface DeviceProbe {

  /** The engine's {@link EngineProvider#name()}. */
  String engine();

  /** Whether {@link StageTimes} come from the device's own clock; else they are wall time. */
  boolean hasDeviceClock();

  /**
   * Measures, now, how fast a device copies memory between arrays beyond its caches: what a kernel
   * that is bound by memory can reach. Takes about a second.
   *
   * @param device one of the engine's
   * @return bytes read plus bytes written per second, the best of several copies
   * @throws org.resa4j.error.DeviceException if there is no such device or it fails
   */
  double copyBandwidth(Device device);

  /** What drives a device, and its version, in few words; asks the device's driver. */
  String driver(Device device);

  /**
   * The probe of an engine.
   *
   * @throws IllegalStateException if the engine comes without one
   */
  static DeviceProbe of(EngineProvider provider) {
    return Services.of(DeviceProbe.class).stream()
        .filter(probe -> probe.engine().equals(provider.name()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("engine " + provider.name() + " has no probe"));
  }
}
