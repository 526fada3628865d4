package org.resa4j.cli;

import java.util.List;
import java.util.Optional;
import org.resa4j.engine.Engines;
import org.resa4j.engine.Engines.Choice;
import picocli.CommandLine.Option;

/** Which devices a benchmark runs on. */
public final class DeviceOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "jvm or tornado (default: that of the device).")
  private String engine;

  @Option(
      names = "--device",
      paramLabel = "ID",
      description = "As `resa devices` lists them (default: the one that it marks).")
  private String device;

  @Option(names = "--all-devices", description = "Every device of every engine, one by one.")
  private boolean all;

  /**
   * The chosen devices, at least one.
   *
   * @throws UsageException if both one and all were asked for
   * @throws org.resa4j.error.InputException if there is no such engine
   * @throws org.resa4j.error.DeviceException if there is no such device
   */
  public List<Choice> chosen() {
    Optional<String> name = Optional.ofNullable(engine);
    Choice first = Engines.choose(name, Optional.ofNullable(device));
    if (!all) {
      return List.of(first);
    }
    if (device != null) {
      throw new UsageException("--device and --all-devices exclude each other");
    }
    return Engines.choices().stream()
        .filter(choice -> name.isEmpty() || choice.provider().name().equals(engine))
        .toList();
  }
}
