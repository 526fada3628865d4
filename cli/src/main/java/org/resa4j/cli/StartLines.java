package org.resa4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.resa4j.Resa;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineInfo;
import org.resa4j.engine.Engines;

/** What is said before a text: on what it is written, and why on that. */
public final class StartLines {
  private static final String JVM = "jvm";

  private StartLines() {}

  /** Engine, device, backend, KV type, memory, dense or sparse; then what else there is to know. */
  public static List<String> of(Resa resa, ResaConfig config, ModelFlags flags) {
    List<String> lines = new ArrayList<>();
    lines.add(line(resa, config));
    if (Engines.all().size() == 1) {
      lines.add(Report.noTornado());
    } else if (flags.leavesDeviceOpen()) {
      List<Device> devices = Engines.choices().stream().map(Engines.Choice::device).toList();
      why(resa.info().engine().device(), devices).ifPresent(lines::add);
    }
    return lines;
  }

  private static String line(Resa resa, ResaConfig config) {
    EngineInfo info = resa.info().engine();
    Device device = info.device();
    return String.format(
        Locale.ROOT,
        "%s on %s (%s, %s, %s kernels) · %s · weights %s, %.1f bits each, %s · context %d, KV %s %s"
            + " · %s",
        device.engine(),
        device.id(),
        device.backend(),
        device.name(),
        info.kernels(),
        resa.info().modelName(),
        info.weightType(),
        8.0 * info.weightBytes() / resa.info().parameters(),
        Report.mebibytes(info.weightBytes()),
        info.options().contextLength(),
        info.kvType().name().toLowerCase(Locale.ROOT),
        Report.mebibytes(info.cacheBytes()),
        config.sparseFrom() > info.options().contextLength()
            ? "dense, sparse from %d tokens on".formatted(config.sparseFrom())
            : Report.describe(config));
  }

  /** Why a device was taken where none was named; empty where there is no other. */
  static Optional<String> why(Device chosen, List<Device> devices) {
    String others =
        devices.stream()
            .map(Device::id)
            .filter(id -> !id.equals(chosen.id()))
            .collect(Collectors.joining(", "));
    if (others.isEmpty()) {
      return Optional.empty();
    }
    String reason =
        chosen.engine().equals(JVM)
            ? "no GPU here; on a CPU the JVM engine is the default, being faster than a driver's"
                + " kernels"
            : chosen.id()
                + " is likely the fastest: GPUs go before CPUs, CUDA before PTX before OpenCL";
    return Optional.of(reason + " (--device takes another: " + others + ")");
  }
}
