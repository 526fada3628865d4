package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Device;

class DeviceUseTest {
  private final List<String> freed = new ArrayList<>();

  private static OpenedDevice device(String backend, int index) {
    Device device =
        new Device(
            backend + ":" + index, "tornado", backend, "none", Device.Kind.GPU, 1, 1, true, 1);
    return new OpenedDevice(device, null, "0:" + index);
  }

  @Test
  void onCudaWhatIsClosedIsFreedWhenNothingThereIsOpen() {
    OpenedDevice device = device("cuda", 90);
    OpenedDevice other = device("cuda", 91);
    DeviceUse.open(device);
    DeviceUse.open(device);
    DeviceUse.open(other);
    DeviceUse.close(device, () -> freed.add("first"));
    assertThat(freed).isEmpty();
    DeviceUse.close(other, () -> freed.add("other's"));
    assertThat(freed).containsExactly("other's");
    DeviceUse.open(device);
    DeviceUse.close(device, () -> freed.add("third"));
    assertThat(freed).containsExactly("other's");
    DeviceUse.close(device, () -> freed.add("second"));
    assertThat(freed).containsExactly("other's", "first", "third", "second");
    DeviceUse.open(device);
    DeviceUse.close(device, () -> freed.add("fourth"));
    assertThat(freed).hasSize(5).endsWith("fourth");
  }

  @Test
  void elsewhereItIsFreedAtOnce() {
    OpenedDevice device = device("opencl", 90);
    DeviceUse.open(device);
    DeviceUse.open(device);
    DeviceUse.close(device, () -> freed.add("first"));
    assertThat(freed).containsExactly("first");
    DeviceUse.close(device, () -> freed.add("second"));
    assertThat(freed).containsExactly("first", "second");
  }
}
