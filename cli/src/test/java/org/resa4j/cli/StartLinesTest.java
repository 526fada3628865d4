package org.resa4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Device;

/** Why a device was taken, where that may surprise. */
class StartLinesTest {
  private static final Device JVM = device("jvm", "jvm", Device.Kind.CPU);
  private static final Device POCL = device("opencl:0", "tornado", Device.Kind.CPU);
  private static final Device GPU = device("cuda:0", "tornado", Device.Kind.GPU);

  private static Device device(String id, String engine, Device.Kind kind) {
    String backend = id.contains(":") ? id.substring(0, id.indexOf(':')) : "vector";
    return new Device(id, engine, backend, id, kind, 1 << 30, 1 << 30, true, 1);
  }

  @Test
  void theJvmEngineBeforeACpuByOpenClIsExplained() {
    assertThat(StartLines.why(JVM, List.of(JVM, POCL)).orElseThrow())
        .contains(
            "no GPU here", "the JVM engine is the default", "--device takes another: opencl:0");
  }

  @Test
  void oneOfSeveralBackEndsOfACardIsExplained() {
    Device opencl = device("opencl:1", "tornado", Device.Kind.GPU);
    assertThat(StartLines.why(GPU, List.of(GPU, opencl, JVM, POCL)).orElseThrow())
        .startsWith("cuda:0 is likely the fastest")
        .contains(
            "CUDA before PTX before OpenCL", "--device takes another: opencl:1, jvm, opencl:0");
  }

  @Test
  void aGpuBeforeACpuIsExplained() {
    assertThat(StartLines.why(GPU, List.of(GPU, JVM)).orElseThrow())
        .contains("GPUs go before CPUs", "--device takes another: jvm");
  }

  @Test
  void whereThereIsNoOtherNothingIsSaid() {
    assertThat(StartLines.why(JVM, List.of(JVM))).isEmpty();
  }

  @Test
  void theDoctorSaysWhatTheLauncherDoes() {
    assertThat(DoctorCommand.launcher("start the JVM with --add-modules x")).contains("./resa");
    assertThat(DoctorCommand.launcher("add -Dx=1 to the JVM's flags")).contains("./resa");
    assertThat(DoctorCommand.launcher("install a driver")).isEmpty();
  }
}
