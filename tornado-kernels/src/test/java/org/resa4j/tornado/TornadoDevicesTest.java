package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;

/** What needs no GPU of several back ends on one machine. */
class TornadoDevicesTest {
  private static OpenedDevice opened(String id, Device.Kind kind, String place) {
    String backend = id.substring(0, id.indexOf(':'));
    Device device = new Device(id, "tornado", backend, "some card", kind, 1, 1, true, 1);
    return new OpenedDevice(device, null, place);
  }

  private static OpenedDevice gpu(String id, String place) {
    return opened(id, Device.Kind.GPU, place);
  }

  private static String found(Optional<String> id, OpenedDevice... devices) {
    return TornadoDevices.find(TornadoDevices.ranked(List.of(devices)), id).device().id();
  }

  @Test
  void withoutAnIdTheFastestIsTakenInAnyOrderOfBackEnds() {
    OpenedDevice cpu = opened("opencl:1", Device.Kind.CPU, "0:1");
    assertThat(found(Optional.empty(), gpu("opencl:0", "0:0"), cpu, gpu("cuda:0", "1:0")))
        .isEqualTo("cuda:0");
    assertThat(found(Optional.empty(), gpu("cuda:0", "0:0"), gpu("opencl:0", "1:0"), cpu))
        .isEqualTo("cuda:0");
    assertThat(found(Optional.empty(), gpu("opencl:0", "0:0"), gpu("ptx:0", "1:0")))
        .isEqualTo("ptx:0");
    assertThat(found(Optional.empty(), cpu, gpu("opencl:0", "0:0"))).isEqualTo("opencl:0");
    assertThat(found(Optional.empty(), cpu)).isEqualTo("opencl:1");
  }

  @ParameterizedTest
  @CsvSource({"cuda:0", "opencl:0", "ptx:0"})
  void whatIsNamedIsTaken(String id) {
    assertThat(
            found(
                Optional.of(id), gpu("opencl:0", "0:0"), gpu("cuda:0", "1:0"), gpu("ptx:0", "2:0")))
        .isEqualTo(id);
  }

  @Test
  void aDeviceOfABackEndThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(
            () -> found(Optional.of("cuda:0"), gpu("ptx:0", "1:0"), gpu("opencl:0", "0:0")))
        .hasMessage("TornadoVM sees no device cuda:0; it sees ptx:0, opencl:0")
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.settings()).containsExactly(Setting.DEVICE));
    assertThatThrownBy(() -> found(Optional.empty()))
        .hasMessage("TornadoVM sees no device; it sees none");
  }

  /**
   * The tests' JVM has a back end that does not exist for TornadoVM's default: a graph that did not
   * name its own would fail.
   */
  @Test
  void aGraphNamesTheBackEndThatItsKernelsAreReadFor() {
    OpenedDevice behind = gpu("cuda:7", "3:7");
    behind.graph("step");
    assertThat(System.getProperty("step_cuda_7.device")).isEqualTo("3:7");
    assertThat(System.getProperty("tornado.backend")).isEqualTo("4");
  }
}
