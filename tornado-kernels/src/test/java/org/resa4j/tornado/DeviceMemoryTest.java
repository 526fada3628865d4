package org.resa4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Device;
import org.resa4j.error.DeviceException;
import org.resa4j.error.DeviceMemoryException;
import org.resa4j.error.Setting;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

class DeviceMemoryTest {
  private static final long MIB = 1L << 20;
  private static final long HEADER = TornadoNativeArray.ARRAY_HEADER;

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
    DeviceMemory memory = new DeviceMemory(device(64 * MIB, 16 * MIB + HEADER + 1));
    memory.floats("KV cache", 4 * MIB, List.of());
    assertThat(memory.bytes("KV cache")).isEqualTo(16 * MIB);
    assertThatThrownBy(
            () -> memory.floats("KV cache", 4 * MIB + 1, List.of(Setting.CONTEXT_LENGTH)))
        .hasMessageContaining("KV cache")
        .hasMessageContaining("16.00 MiB")
        .satisfies(
            e ->
                assertThat(((DeviceMemoryException) e).settings())
                    .containsExactly(Setting.CONTEXT_LENGTH));
  }

  /** A device that allows 4 GiB once got 4 GiB and a header. */
  @ParameterizedTest
  @CsvSource({"-24,true", "-20,true", "-16,false", "0,false", "4,false"})
  void theHeaderCountsAndTheLimitItselfIsTooMuch(long beyond, boolean fits) {
    long limit = 4L << 30;
    DeviceMemory memory = new DeviceMemory(device(64L << 30, limit));
    long bytes = limit + beyond + 16 - HEADER;
    if (fits) {
      memory.floats("KV cache", bytes / 4, List.of());
      assertThat(memory.bytes("KV cache")).isEqualTo(bytes);
    } else {
      assertThatThrownBy(
              () -> memory.floats("KV cache", bytes / 4, List.of(Setting.CONTEXT_LENGTH)))
          .hasMessageContaining((bytes + HEADER) + " bytes with its header")
          .hasMessageContaining("less than 4.00 GiB (4294967296 bytes)")
          .isInstanceOfSatisfying(
              DeviceMemoryException.class,
              e -> {
                assertThat(e.settings()).containsExactly(Setting.CONTEXT_LENGTH);
                assertThat(e.neededBytes()).isEqualTo(bytes + HEADER);
                assertThat(e.availableBytes()).isEqualTo(limit);
              });
    }
  }

  @Test
  void anArrayBeyondItsIndexIsRefused() {
    DeviceMemory memory = new DeviceMemory(device(Long.MAX_VALUE, Long.MAX_VALUE));
    assertThatThrownBy(() -> memory.halfs("KV cache", 1L << 31, List.of()))
        .hasMessageContaining("2147483648 values");
    memory.halfs("KV cache", (1L << 31) - 1, List.of());
    assertThat(memory.bytes("KV cache")).isEqualTo((1L << 32) - 2);
  }

  @Test
  void productsBeyondALongAreRefused() {
    DeviceMemory memory = new DeviceMemory(device(Long.MAX_VALUE, Long.MAX_VALUE));
    assertThatThrownBy(() -> memory.floats("KV cache", Long.MAX_VALUE / 2, List.of()))
        .isInstanceOf(DeviceException.class);
  }

  @Test
  void allTogetherMustFitTheDevice() {
    DeviceMemory memory = new DeviceMemory(device(64 * MIB + 4 * HEADER, 32 * MIB));
    for (int layer = 0; layer < 4; layer++) {
      memory.floats("KV cache", 4 * MIB, List.of());
    }
    memory.check();
    memory.ints("logits", 1, List.of());
    assertThatThrownBy(memory::check)
        .hasMessageContaining("KV cache 64.00 MiB")
        .satisfies(
            e -> {
              DeviceMemoryException memoryFault = (DeviceMemoryException) e;
              assertThat(memoryFault.settings()).contains(Setting.CONTEXT_LENGTH);
              assertThat(memoryFault.neededBytes()).isEqualTo(64 * MIB + 4 + 5 * HEADER);
              assertThat(memoryFault.availableBytes()).isEqualTo(64 * MIB + 4 * HEADER);
            });
  }
}
