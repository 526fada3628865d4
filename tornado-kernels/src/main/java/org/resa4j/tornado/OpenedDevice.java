package org.resa4j.tornado;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.resa4j.engine.Device;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * A device as the project and as TornadoVM know it.
 *
 * @param place {@code <back end>:<device>}, TornadoVM's two indices; the first is of its order of
 *     back ends
 */
record OpenedDevice(Device device, TornadoDevice target, String place) {
  private static final Path NVIDIA = Path.of("/proc/driver/nvidia/version");
  private static final Pattern VERSION = Pattern.compile("\\b\\d{3}\\.\\d+(\\.\\d+)?\\b");

  /**
   * An empty task graph for this device.
   *
   * <p>TornadoVM reads a kernel when its task is added, before any execution plan names a device:
   * for the back end that the property {@code <graph>.device} names, else for its first. Another
   * back end's reader does not know what the kernels are made of, so each graph here has that
   * property. The device is part of the graph's name, so that engines on two devices do not share
   * one.
   *
   * @param name beginning of the graph's name
   */
  TaskGraph graph(String name) {
    String unique = graphName(name);
    System.setProperty(unique + ".device", place);
    return new TaskGraph(unique);
  }

  /** The name of {@link #graph}: of letters, digits and underscores. */
  String graphName(String name) {
    return name + "_" + device.id().replace(':', '_');
  }

  /** Platform and version of its driver, and the version of TornadoVM, as far as they are known. */
  String driver() {
    List<String> parts = new ArrayList<>();
    parts.add(target.getPlatformName().strip());
    if (device.backend().equals("opencl")) {
      parts.add(target.getDeviceOpenCLCVersion().strip());
    }
    if (device.name().contains("NVIDIA")) {
      nvidia().ifPresent(parts::add);
    }
    TaskGraph.class
        .getModule()
        .getDescriptor()
        .rawVersion()
        .ifPresent(version -> parts.add("TornadoVM " + version));
    return String.join(", ", parts);
  }

  /** Of NVIDIA's kernel module; TornadoVM does not ask for it. */
  private static Optional<String> nvidia() {
    try {
      return Files.readAllLines(NVIDIA).stream()
          .flatMap(line -> VERSION.matcher(line).results())
          .map(found -> "driver " + found.group())
          .findFirst();
    } catch (IOException e) {
      // No Linux, or a container that hides it.
      return Optional.empty();
    }
  }
}
