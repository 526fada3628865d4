package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.DeviceException;
import org.resa4j.engine.Device;

class DeviceMemoryTest {
  private static final long MIB = 1L << 20;

  private static Device device(long memory, long maxAllocation) {
    return new Device(
        "opencl:0", "tornado", "opencl", "small", Device.Kind.CPU, memory, maxAllocation, false, 2);
  }

  @ParameterizedTest
  @CsvSource({
    "512,512",
    "512B,512",
    "3KB,3072",
    "16MB,16777216",
    "4GB,4294967296",
    "1tb,1099511627776"
  })
  void sizesAreReadAsTornadoVmWritesThem(String text, long bytes) {
    assertThat(DeviceMemory.parse(text)).isEqualTo(bytes);
  }

  @Test
  void whatIsNoSizeIsNamedWithTheFlag() {
    assertThatThrownBy(() -> DeviceMemory.parse("plenty"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining(DeviceMemory.CAP)
        .hasMessageContaining("plenty");
  }

  @Test
  void anArrayBeyondTheLargestAllocationIsRefused() {
    DeviceMemory memory = new DeviceMemory(device(64 * MIB, 16 * MIB));
    assertThat(memory.add("KV cache", 1, 4 * MIB, 4, 1, "less")).isEqualTo(16 * MIB);
    assertThatThrownBy(() -> memory.add("KV cache", 1, 4 * MIB + 1, 4, 1, "a smaller -c"))
        .hasMessageContaining("KV cache")
        .hasMessageContaining("16.00 MiB")
        .hasMessageContaining("a smaller -c");
  }

  @Test
  void anArrayBeyondItsIndexIsRefused() {
    DeviceMemory memory = new DeviceMemory(device(Long.MAX_VALUE, Long.MAX_VALUE));
    assertThatThrownBy(() -> memory.add("KV cache", 1, 1L << 31, 2, 1, "less"))
        .hasMessageContaining("2147483648 values");
    assertThat(memory.add("KV cache", 1, 1L << 31, 2, 4, "less")).isEqualTo(1L << 32);
  }

  @Test
  void productsBeyondALongAreRefused() {
    DeviceMemory memory = new DeviceMemory(device(Long.MAX_VALUE, Long.MAX_VALUE));
    assertThatThrownBy(() -> memory.add("KV cache", 1, Long.MAX_VALUE / 2, 4, 1, "less"))
        .isInstanceOf(DeviceException.class);
  }

  @Test
  void allTogetherMustFitTheDevice() {
    DeviceMemory memory = new DeviceMemory(device(64 * MIB, 16 * MIB));
    memory.add("KV cache", 4, 4 * MIB, 4, 1, "less");
    memory.check();
    memory.add("logits", 1, 1, 4, 1, "less");
    assertThatThrownBy(memory::check)
        .hasMessageContaining("KV cache 64.00 MiB")
        .hasMessageContaining("--ctx-size");
  }
}
