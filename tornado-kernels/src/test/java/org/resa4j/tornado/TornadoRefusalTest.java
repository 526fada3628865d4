package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.resa4j.attention.AttentionShape;
import org.resa4j.engine.Device;
import org.resa4j.engine.EngineOptions;
import org.resa4j.engine.KvType;
import org.resa4j.error.DeviceException;
import org.resa4j.error.Setting;

/** What a device cannot do is refused before anything runs. */
class TornadoRefusalTest {
  private final TornadoEngineProvider provider = new TornadoEngineProvider();

  @TestFactory
  Stream<DynamicTest> halfPrecisionOnADeviceWithoutIt() {
    return provider.devices().stream()
        .map(
            device ->
                DynamicTest.dynamicTest(
                    device.id(),
                    () -> {
                      assumeFalse(device.fp16(), device.id() + " has half precision");
                      EngineOptions options =
                          EngineOptions.of(64).withDevice(device.id()).withKvType(KvType.F16);
                      assertThatThrownBy(
                              () -> provider.openAttention(new AttentionShape(2, 1, 64), options))
                          .isInstanceOf(DeviceException.class)
                          .hasMessageContaining(device.id())
                          .hasMessageContaining("half precision")
                          .satisfies(
                              e ->
                                  assertThat(((DeviceException) e).settings())
                                      .contains(Setting.KV_TYPE));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> blocksLongerThanTheKernelsTake() {
    return provider.devices().stream()
        .map(
            device ->
                DynamicTest.dynamicTest(
                    device.id(),
                    () -> {
                      assumeFalse(
                          device.kind() == Device.Kind.GPU, "a GPU's kernels take any block");
                      EngineOptions options =
                          EngineOptions.of(4096).withDevice(device.id()).withBlockSize(2048);
                      assertThatThrownBy(
                              () -> provider.openAttention(new AttentionShape(2, 1, 64), options))
                          .isInstanceOf(DeviceException.class)
                          .hasMessageContaining("2048");
                    }));
  }
}
