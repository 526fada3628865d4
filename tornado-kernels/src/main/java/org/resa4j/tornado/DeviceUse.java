package org.resa4j.tornado;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which execution plans are open on a CUDA device. When one is freed, TornadoVM unpins the host
 * memory of all of them, from which their CUDA graphs go on copying: the next run ends the process.
 * So what a plan has on the device is freed when no plan there is open any more.
 *
 * <p>Process-wide, as is what it guards.
 */
final class DeviceUse {
  private static final Map<String, DeviceUse> DEVICES = new HashMap<>();

  private final List<Runnable> waiting = new ArrayList<>();
  private int open;

  private DeviceUse() {}

  /** A plan is about to run for the first time; {@link #close} comes of it whatever happens. */
  static synchronized void open(OpenedDevice device) {
    DEVICES.computeIfAbsent(device.device().id(), id -> new DeviceUse()).open++;
  }

  /**
   * A plan runs no more.
   *
   * @param free frees what it has on the device: now, or when the last one closes
   */
  static synchronized void close(OpenedDevice device, Runnable free) {
    DeviceUse use = DEVICES.get(device.device().id());
    use.open--;
    if (!device.device().backend().equals("cuda")) {
      free.run();
      return;
    }
    use.waiting.add(free);
    if (use.open == 0) {
      List<Runnable> all = List.copyOf(use.waiting);
      use.waiting.clear();
      all.forEach(Runnable::run);
    }
  }
}
