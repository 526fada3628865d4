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
    return new Device(id, engine, "opencl", id, kind, 1 << 30, 1 << 30, true, 1);
  }

  @Test
  void theJvmEngineBeforeACpuByOpenClIsExplained() {
    assertThat(StartLines.why(JVM, List.of(JVM, POCL)).orElseThrow())
        .contains("no GPU here", "the JVM engine is the default", "--device opencl:0");
  }

  @Test
  void whatNobodyWondersAboutIsNot() {
    assertThat(StartLines.why(JVM, List.of(JVM))).isEmpty();
    assertThat(StartLines.why(GPU, List.of(GPU, POCL, JVM))).isEmpty();
  }

  @Test
  void theDoctorSaysWhatTheLauncherDoes() {
    assertThat(DoctorCommand.launcher("start the JVM with --add-modules x")).contains("./resa");
    assertThat(DoctorCommand.launcher("add -Dx=1 to the JVM's flags")).contains("./resa");
    assertThat(DoctorCommand.launcher("install a driver")).isEmpty();
  }
}
