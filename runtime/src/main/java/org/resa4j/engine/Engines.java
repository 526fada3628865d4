package org.resa4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.resa4j.DeviceException;
import org.resa4j.InputException;

/** Finds engines through {@link ServiceLoader}: devices first, the JVM last. */
public final class Engines {
  private static final String JVM = "jvm";

  private Engines() {}

  /** All engines on the class path, the preferred one first. */
  public static List<EngineProvider> all() {
    List<EngineProvider> providers = new ArrayList<>();
    ServiceLoader.load(EngineProvider.class).forEach(providers::add);
    providers.sort((a, b) -> Boolean.compare(a.name().equals(JVM), b.name().equals(JVM)));
    return providers;
  }

  /**
   * Chooses an engine.
   *
   * @param name its name; empty for the one that has the device, else the first that has any
   * @param device a device's id, if one was asked for
   * @throws InputException if there is no engine of that name
   * @throws DeviceException if no engine has the device
   */
  public static EngineProvider find(Optional<String> name, Optional<String> device) {
    List<EngineProvider> providers = all();
    if (name.isPresent()) {
      return providers.stream()
          .filter(provider -> provider.name().equals(name.get()))
          .findFirst()
          .orElseThrow(
              () ->
                  new InputException(
                      "there is no engine %s here, only %s%s"
                          .formatted(
                              name.get(),
                              providers.stream().map(EngineProvider::name).toList(),
                              name.get().equals("tornado")
                                  ? "; ./setup-tornado.sh adds TornadoVM"
                                  : "")));
    }
    if (device.isPresent()) {
      return providers.stream()
          .filter(
              provider ->
                  provider.devices().stream().anyMatch(each -> each.id().equals(device.get())))
          .findFirst()
          .orElseThrow(
              () ->
                  new DeviceException(
                      "there is no device %s; `resa devices` lists those that are"
                          .formatted(device.get())));
    }
    return providers.stream()
        .filter(provider -> !provider.devices().isEmpty())
        .findFirst()
        .orElseThrow(() -> new DeviceException("no engine has a device here"));
  }
}
