package org.resa4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;

class AssignedGpuTest {
  private static final Device JVM = device("jvm", "jvm", "vector", Device.Kind.CPU);
  private static final Device CUDA_0 = gpu("cuda:0", "cuda");
  private static final Device CUDA_1 = gpu("cuda:1", "cuda");
  private static final Device OPENCL_1 = gpu("opencl:1", "opencl");
  private static final Device OPENCL_2 = gpu("opencl:2", "opencl");
  private static final Device OPENCL_CPU = device("opencl:0", "tornado", "opencl", Device.Kind.CPU);

  private static Device gpu(String id, String backend) {
    return device(id, "tornado", backend, Device.Kind.GPU);
  }

  private static Device device(String id, String engine, String backend, Device.Kind kind) {
    return new Device(id, engine, backend, "a device", kind, 1, 1, true, 1);
  }

  @Test
  void isTheBestBackEndsOfThatNumber() {
    List<Device> all = List.of(JVM, OPENCL_CPU, OPENCL_2, OPENCL_1, CUDA_1, CUDA_0);
    assertThat(AssignedGpu.device("0", all)).isEqualTo("cuda:0");
    assertThat(AssignedGpu.device("1", all)).isEqualTo("cuda:1");
    // Numbers of OpenCL's devices count CPUs too, a cluster's do not.
    assertThat(AssignedGpu.device("1", List.of(OPENCL_2, OPENCL_CPU, OPENCL_1)))
        .isEqualTo("opencl:2");
  }

  @Test
  void isTheOnlyOneWhateverItsAddress() {
    List<Device> one = List.of(JVM, OPENCL_1, CUDA_0);
    assertThat(AssignedGpu.device("3", one)).isEqualTo("cuda:0");
    assertThat(AssignedGpu.device("GPU-8f2c", one)).isEqualTo("cuda:0");
  }

  @Test
  void isNeverGuessed() {
    assertThatThrownBy(() -> AssignedGpu.device("2", List.of(CUDA_0, CUDA_1)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("assigned GPU 2, which is none of [cuda:0, cuda:1]");
    assertThatThrownBy(() -> AssignedGpu.device("GPU-8f2c", List.of(CUDA_0, CUDA_1)))
        .hasMessageContaining("none of [cuda:0, cuda:1]");
    assertThatThrownBy(() -> AssignedGpu.device("0", List.of(JVM, OPENCL_CPU)))
        .hasMessageContaining("sees none, only [jvm, opencl:0]");
  }
}
