package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;

/** What needs no GPU of the order of TornadoVM's back ends. */
class RequirementsTest {
  private static Device device(String backend) {
    return new Device(
        backend + ":0", "tornado", backend, "some card", Device.Kind.GPU, 1, 1, true, 1);
  }

  @Test
  void cudaBehindOpenClIsRefusedWithTheFlagThatPutsItFirst() {
    assertThatThrownBy(() -> Requirements.checkOrder(device("cuda"), "opencl"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("cuda:0")
        .hasMessageContaining("-Dtornado.cuda.priority=20");
    assertThatThrownBy(() -> Requirements.checkOrder(device("ptx"), "opencl"))
        .hasMessageContaining("-Dtornado.ptx.priority=20");
  }

  @Test
  void openClIsTakenInAnyPlace() {
    assertThatCode(
            () -> {
              Requirements.checkOrder(device("opencl"), "cuda");
              Requirements.checkOrder(device("opencl"), "opencl");
              Requirements.checkOrder(device("cuda"), "cuda");
            })
        .doesNotThrowAnyException();
  }
}
