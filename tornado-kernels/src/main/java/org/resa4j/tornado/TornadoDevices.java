package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** The devices that TornadoVM sees, under the ids {@code <backend>:<index>}. */
final class TornadoDevices {
  private TornadoDevices() {}

  /** All devices, the one that is likely the fastest first, whatever TornadoVM's order. */
  static List<OpenedDevice> all() {
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    List<OpenedDevice> devices = new ArrayList<>();
    for (int i = 0; i < runtime.getNumBackends(); i++) {
      TornadoBackend backend = runtime.getBackend(i);
      for (int index = 0; index < backend.getNumDevices(); index++) {
        TornadoDevice device = backend.getDevice(index);
        devices.add(new OpenedDevice(describe(device, index), device, i + ":" + index));
      }
    }
    return ranked(devices);
  }

  static List<OpenedDevice> ranked(List<OpenedDevice> devices) {
    return devices.stream()
        .sorted(Comparator.comparing(OpenedDevice::device, Device.FASTEST_FIRST))
        .toList();
  }

  /**
   * The device of an id, or the first.
   *
   * @throws DeviceException if there is none, naming those that there are
   */
  static OpenedDevice find(Optional<String> id) {
    return find(all(), id);
  }

  static OpenedDevice find(List<OpenedDevice> devices, Optional<String> id) {
    return devices.stream()
        .filter(device -> id.isEmpty() || device.device().id().equals(id.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "TornadoVM sees no device%s; it sees %s"
                        .formatted(
                            id.map(name -> " " + name).orElse(""),
                            devices.isEmpty()
                                ? "none"
                                : devices.stream()
                                    .map(device -> device.device().id())
                                    .collect(Collectors.joining(", "))),
                    List.of(Setting.DEVICE)));
  }

  private static Device describe(TornadoDevice device, int index) {
    String backend = device.getTornadoVMBackend().name().toLowerCase(Locale.ROOT);
    return new Device(
        backend + ":" + index,
        TornadoEngineProvider.NAME,
        backend,
        device.getPhysicalDevice().getDeviceName().strip(),
        kind(device.getDeviceType()),
        device.getPhysicalDevice().getDeviceGlobalMemorySize(),
        device.getPhysicalDevice().getDeviceMaxAllocationSize(),
        fp16(device),
        device.getPhysicalDevice().getDeviceMaxComputeUnits());
  }

  private static Device.Kind kind(TornadoDeviceType type) {
    return switch (type) {
      case CPU -> Device.Kind.CPU;
      case GPU -> Device.Kind.GPU;
      default -> Device.Kind.ACCELERATOR;
    };
  }

  /**
   * OpenCL devices say whether they have half precision; NVIDIA's compile and run it, as the tests
   * show on them, without listing the extension.
   */
  private static boolean fp16(TornadoDevice device) {
    TornadoVMBackendType backend = device.getTornadoVMBackend();
    return backend == TornadoVMBackendType.CUDA
        || backend == TornadoVMBackendType.PTX
        || device.getPhysicalDevice().getDeviceName().contains("NVIDIA")
        || String.valueOf(device.getDeviceInfo()).contains("cl_khr_fp16");
  }
}
