package org.resa4j.bench;

import java.util.List;
import java.util.Optional;
import org.resa4j.DeviceException;
import org.resa4j.InputException;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import picocli.CommandLine.Option;

/** Which devices a benchmark runs on. */
public final class DeviceOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "jvm or tornado (default: tornado where it has a device).")
  private String engine;

  @Option(names = "--device", paramLabel = "ID", description = "As `resa devices` lists them.")
  private String device;

  @Option(names = "--all-devices", description = "Every device of every engine, one by one.")
  private boolean all;

  /** A device and the engine that offers it. */
  public record Chosen(EngineProvider provider, Device device) {}

  /**
   * The chosen devices, at least one.
   *
   * @throws InputException if both one and all were asked for, or there is no such engine
   * @throws DeviceException if there is no such device
   */
  public List<Chosen> chosen() {
    Optional<String> name = Optional.ofNullable(engine);
    if (!all) {
      EngineProvider provider = Engines.find(name, Optional.ofNullable(device));
      return List.of(
          provider.devices().stream()
              .filter(each -> device == null || each.id().equals(device))
              .findFirst()
              .map(each -> new Chosen(provider, each))
              .orElseThrow(
                  () ->
                      new DeviceException(
                          "engine %s has no device %s here"
                              .formatted(provider.name(), device == null ? "" : device))));
    }
    if (device != null) {
      throw new InputException("--device and --all-devices exclude each other");
    }
    List<EngineProvider> providers =
        name.isEmpty() ? Engines.all() : List.of(Engines.find(name, Optional.empty()));
    List<Chosen> chosen =
        providers.stream()
            .flatMap(
                provider -> provider.devices().stream().map(each -> new Chosen(provider, each)))
            .toList();
    if (chosen.isEmpty()) {
      throw new DeviceException("engine %s has no device here".formatted(engine));
    }
    return chosen;
  }
}
