package org.resa4j.spark;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;

/** The GPU that Spark has assigned to a task, {@code spark.task.resource.gpu.amount}. */
final class AssignedGpu {
  private static final String RESOURCE = "gpu";

  private AssignedGpu() {}

  /** Its address: of a task with several the first. */
  static Optional<String> address(TaskContext task) {
    return Optional.ofNullable(task.resourcesJMap().get(RESOURCE))
        .filter(resource -> resource.addresses().length > 0)
        .map(resource -> resource.addresses()[0]);
  }

  /**
   * The device at an address: of the best back end's GPUs the one of that number. Where a cluster
   * shows an executor its own GPU only, it is that, whatever its address.
   *
   * @param devices all there are
   * @return the device's id
   * @throws DeviceException if it cannot be told, or there is none
   */
  static String device(String address, List<Device> devices) {
    List<Device> gpus =
        devices.stream()
            .filter(device -> device.kind() == Device.Kind.GPU)
            .sorted(Device.FASTEST_FIRST)
            .toList();
    if (gpus.isEmpty()) {
      throw new DeviceException(
          "Spark has assigned GPU %s, and the executor sees none, only %s: it needs module tornado-kernels and TornadoVM's JVM flags"
              .formatted(address, devices.stream().map(Device::id).toList()));
    }
    List<Device> ofBest =
        gpus.stream()
            .filter(device -> device.backend().equals(gpus.getFirst().backend()))
            .sorted(Comparator.comparingInt(AssignedGpu::number))
            .toList();
    if (ofBest.size() == 1) {
      return ofBest.getFirst().id();
    }
    int at = address.matches("\\d{1,4}") ? Integer.parseInt(address) : -1;
    if (at < 0 || at >= ofBest.size()) {
      throw new DeviceException(
          "Spark has assigned GPU %s, which is none of %s by its number: show each executor its own GPU only, or have Spark's discovery script name numbers"
              .formatted(address, ofBest.stream().map(Device::id).toList()));
    }
    return ofBest.get(at).id();
  }

  private static int number(Device device) {
    return Integer.parseInt(device.id().replaceFirst("^.*:", ""));
  }
}
