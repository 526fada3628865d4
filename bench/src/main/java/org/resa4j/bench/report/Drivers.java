package org.resa4j.bench.report;

import java.util.HashMap;
import java.util.Map;
import org.resa4j.engine.Device;
import org.resa4j.engine.DeviceProbe;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;

/** What drives each device, asked once. */
final class Drivers {
  private final Map<Target, String> known = new HashMap<>();

  /** Of the device of this machine that a target names; empty where it is a peer's. */
  String of(Target target) {
    return known.computeIfAbsent(target, Drivers::ask);
  }

  private static String ask(Target target) {
    try {
      for (EngineProvider provider : Engines.all()) {
        for (Device device : provider.devices()) {
          if (device.engine().equals(target.engine()) && device.id().equals(target.device())) {
            return DeviceProbe.of(provider).driver(device);
          }
        }
      }
    } catch (RuntimeException e) {
      // A driver that will not say what it is must not cost the row.
      System.err.println("bench: %s: its driver is not known: %s".formatted(target.device(), e));
    }
    return "";
  }
}
