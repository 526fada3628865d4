package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.engine.Golden;
import org.resa4j.model.DType;
import org.resa4j.model.Quantiser;
import org.resa4j.model.Tensor;

/** Quantised blocks against what ggml makes of them, bit by bit. */
class QuantisedTensorTest {
  private static final String DEQUANT = "gguf/dequant/";

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "F32")
  void blocksHaveGgmlsValues(DType type) {
    Safetensors golden = Safetensors.open(Golden.file(DEQUANT + type + ".safetensors"));
    for (String source : new String[] {"quantised", "random"}) {
      // Of plain numbers there is no need for any bits.
      if (!type.isQuantised() && source.equals("random")) {
        continue;
      }
      Tensor values = golden.tensor(source + "_values");
      MemorySegment raw = golden.raw(source + "_raw");
      Tensor tensor = new Tensor(source, type, new long[] {values.size() / 256, 256}, raw);
      assertThat(bits(tensor.toFloats())).as(source).isEqualTo(bits(values.toFloats()));
      // One at a time, and a part that begins with neither.
      assertThat(tensor.get(300)).isEqualTo(values.get(300));
      float[] part = new float[257];
      tensor.widen(256, 256, part, 1);
      assertThat(Arrays.copyOfRange(part, 1, 257))
          .isEqualTo(Arrays.copyOfRange(values.toFloats(), 256, 512));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "F16", "BF16"})
  void numbersAreQuantisedToGgmlsBytes(DType type) {
    Safetensors golden = Safetensors.open(Golden.file(DEQUANT + type + ".safetensors"));
    // Rounding once more changes nothing.
    String source = golden.names().contains("source") ? "source" : "quantised_values";
    float[] numbers = golden.tensor(source).toFloats();
    MemorySegment bytes = Arena.ofAuto().allocate(3 + type.bytes(numbers.length));
    Quantiser.of(type).write(numbers, 0, numbers.length, bytes, 3);
    assertThat(bytes.asSlice(3).mismatch(golden.raw("quantised_raw"))).isEqualTo(-1);
    assertThatThrownBy(() -> Quantiser.of(DType.Q4_K))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Q4_K");
  }

  /** NaN of other bits is another value here, and 0 is not -0. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }

  static Stream<String> tensorsOfFiles() {
    // Two of the files are not there.
    return Safetensors.open(Golden.file(DEQUANT + "in-model-files.safetensors")).names().stream()
        .filter(key -> !key.contains("Q5_1") && !key.contains("Q5_K"));
  }

  @ParameterizedTest
  @MethodSource("tensorsOfFiles")
  void tensorsOfFilesHaveGgmlsValues(String key) {
    Safetensors golden = Safetensors.open(Golden.file(DEQUANT + "in-model-files.safetensors"));
    String[] parts = key.split("/");
    Tensor tensor =
        GgufFile.open(Golden.file("gguf/models/" + parts[0] + ".gguf")).tensors().get(parts[1]);
    assertThat(tensor.dtype()).isEqualTo(DType.valueOf(parts[2]));
    Tensor expected = golden.tensor(key);
    float[] row = new float[tensor.columns()];
    for (int r = 0; r < expected.rows(); r++) {
      tensor.row(r, row, 0);
      float[] wanted = new float[row.length];
      expected.row(r, wanted, 0);
      assertThat(bits(row)).as("row " + r).isEqualTo(bits(wanted));
    }
  }

  @Test
  void rowsAreWholeBlocks() {
    MemorySegment bytes = Arena.ofAuto().allocate(18);
    assertThatThrownBy(() -> new Tensor("w", DType.Q4_0, new long[] {4, 8}, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("w: rows of shape [4, 8] are no whole blocks of 32");
    assertThatThrownBy(() -> new Tensor("w", DType.Q4_0, new long[] {2, 32}, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 36 bytes, not 18");
    Tensor tensor = new Tensor("w", DType.Q4_0, new long[] {1, 32}, bytes);
    assertThatThrownBy(() -> tensor.widen(1, 32, new float[32], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no whole blocks");
  }
}
