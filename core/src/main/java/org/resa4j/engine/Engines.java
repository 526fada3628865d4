package org.resa4j.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.resa4j.error.DeviceException;
import org.resa4j.error.InputException;
import org.resa4j.error.Setting;

/** Finds engines through {@link java.util.ServiceLoader}, and chooses among their devices. */
public final class Engines {
  private static final String JVM = "jvm";

  private Engines() {}

  /**
   * A device and the engine that offers it.
   *
   * @param provider the engine
   * @param device one of its devices
   */
  public record Choice(EngineProvider provider, Device device) {}

  /** All engines on the class path, the JVM's last. */
  public static List<EngineProvider> all() {
    List<EngineProvider> providers = new ArrayList<>(Services.of(EngineProvider.class));
    providers.sort((a, b) -> Boolean.compare(a.name().equals(JVM), b.name().equals(JVM)));
    return providers;
  }

  /** The devices of all engines, the one that is likely the fastest first. */
  public static List<Choice> choices() {
    return ranked(all());
  }

  static List<Choice> ranked(List<EngineProvider> providers) {
    return providers.stream()
        .flatMap(provider -> provider.devices().stream().map(each -> new Choice(provider, each)))
        .sorted(Comparator.comparing(Choice::device, Device.FASTEST_FIRST))
        .toList();
  }

  /**
   * Chooses a device.
   *
   * @param engine an engine's name, if one was asked for
   * @param device a device's id, if one was asked for; else the first of {@link #choices()}
   * @throws InputException if there is no engine of that name
   * @throws DeviceException if there is no such device, or the engine has none
   */
  public static Choice choose(Optional<String> engine, Optional<String> device) {
    List<EngineProvider> providers = all();
    if (engine.isPresent()
        && providers.stream().noneMatch(provider -> provider.name().equals(engine.get()))) {
      throw new InputException(
          "there is no engine %s here, only %s"
              .formatted(engine.get(), providers.stream().map(EngineProvider::name).toList()),
          List.of(Setting.ENGINE));
    }
    List<Choice> choices =
        ranked(providers).stream()
            .filter(choice -> engine.isEmpty() || choice.provider.name().equals(engine.get()))
            .toList();
    return choices.stream()
        .filter(choice -> device.isEmpty() || choice.device.id().equals(device.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "%sthere is no device %s, only %s"
                        .formatted(
                            engine.map(name -> "of engine " + name + " ").orElse(""),
                            device.orElse("at all"),
                            choices.stream().map(choice -> choice.device.id()).toList()),
                    List.of(Setting.DEVICE)));
  }
}
