package org.resa4j.tornado;

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
}
