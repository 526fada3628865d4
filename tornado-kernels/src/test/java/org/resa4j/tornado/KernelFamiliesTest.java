package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;

@Isolated
class KernelFamiliesTest {
  private String before;

  private static Device device(String backend, Device.Kind kind) {
    return new Device(backend + ":0", "tornado", backend, "a card", kind, 1, 1, true, 1);
  }

  @BeforeEach
  void forget() {
    before = System.clearProperty(KernelFamilies.PROPERTY);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(KernelFamilies.PROPERTY);
    } else {
      System.setProperty(KernelFamilies.PROPERTY, before);
    }
  }

  @Test
  void cpusGetLoopsAndGpusWhatIsMadeForThem() {
    assertThat(KernelFamilies.of(device("opencl", Device.Kind.CPU)).name()).isEqualTo("loop");
    assertThat(KernelFamilies.of(device("opencl", Device.Kind.GPU)).name()).isEqualTo("group");
  }

  /** There every loop of a captured graph would end where that of the last task does. */
  @Test
  void loopsAreRefusedOnCudaAndTakenElsewhere() {
    System.setProperty(KernelFamilies.PROPERTY, "loop");
    assertThat(KernelFamilies.of(device("opencl", Device.Kind.GPU)).name()).isEqualTo("loop");
    assertThatThrownBy(() -> KernelFamilies.of(device("cuda", Device.Kind.GPU)))
        .isInstanceOf(DeviceException.class)
        .hasMessage("-Dresa.tornado.kernels=loop: not on cuda:0 (a card)");
  }

  @Test
  void aFamilyThatIsNoneIsRefusedWithTheNames() {
    System.setProperty(KernelFamilies.PROPERTY, "loops");
    assertThatThrownBy(() -> KernelFamilies.of(device("opencl", Device.Kind.CPU)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("there are cublas, mma, group, loop");
  }
}
