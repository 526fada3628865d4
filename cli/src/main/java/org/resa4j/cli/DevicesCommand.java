package org.resa4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineProvider;
import org.resa4j.engine.Engines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Lists devices. */
@Command(
    name = "devices",
    description = "List every device that an engine can run on.",
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Terminal terminal = new Terminal();
    List<EngineProvider> engines = Engines.all();
    List<Device> devices = engines.stream().flatMap(each -> each.devices().stream()).toList();
    Optional<String> chosen =
        Engines.choices().stream().map(choice -> choice.device().id()).findFirst();
    if (json) {
      terminal.line(
          JsonOutput.MAPPER.writeValueAsString(
              devices.stream().map(device -> node(device, chosen)).toList()));
      return 0;
    }
    terminal.line(
        String.format(
            "%-12s %-8s %-8s %-5s %-5s %5s %10s  %s",
            "ID", "ENGINE", "BACKEND", "KIND", "FP16", "UNITS", "MEMORY", "NAME"));
    for (Device device : devices) {
      terminal.line(
          String.format(
              Locale.ROOT,
              "%-12s %-8s %-8s %-5s %-5s %5d %10s  %s",
              device.id() + (chosen.equals(Optional.of(device.id())) ? " *" : ""),
              device.engine(),
              device.backend(),
              device.kind() == Device.Kind.ACCELERATOR ? "ACC" : device.kind(),
              device.fp16() ? "yes" : "no",
              device.computeUnits(),
              Report.mebibytes(device.memoryBytes()),
              device.name()));
    }
    terminal.line("* taken where --device names none");
    if (engines.size() == 1) {
      terminal.note(Report.noTornado());
    }
    return 0;
  }

  private static ObjectNode node(Device device, Optional<String> chosen) {
    ObjectNode node = JsonOutput.MAPPER.valueToTree(device);
    return node.put("default", chosen.equals(Optional.of(device.id())));
  }
}
