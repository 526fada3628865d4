package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.model.LayerWeights;
import org.resa4j.model.Model;
import org.resa4j.model.Tensor;

class GgufTest {
  private static final String BROKEN = "gguf/broken/";

  /** Each file that lies, and what the error must say of the lie. */
  private static final Map<String, String> LIES =
      Map.ofEntries(
          Map.entry("01-bad-magic", "not a GGUF file"),
          Map.entry("02-version-1", "GGUF version 1; versions 2 and 3 are read"),
          Map.entry("03-version-4", "GGUF version 4; versions 2 and 3 are read"),
          Map.entry("04-big-endian", "a big-endian GGUF file"),
          Map.entry("05-tensor-count-huge", "says there are 4611686018427387904 tensors"),
          Map.entry("06-kv-count-huge", "says there are 9223372036854775808 keys"),
          Map.entry("07-key-length-huge", "key 0 takes 9223372036854775807 bytes"),
          Map.entry(
              "09-array-length-2e60", "tokenizer.ggml.scores says there are 1152921504606846976"),
          Map.entry("11-unknown-value-type", "x.odd has a value of the unknown type 13"),
          Map.entry("12-duplicate-key", "qwen2.block_count comes twice"),
          Map.entry("13-duplicate-tensor", "tensor blk.0.ffn_up.weight comes twice"),
          Map.entry("14-n-dims-0", "tensor blk.0.ffn_down.weight has 0 dimensions"),
          Map.entry("15-n-dims-5", "tensor blk.0.ffn_down.weight has 5 dimensions"),
          Map.entry("17-dims-overflow", "blk.0.ffn_down.weight has a shape that overflows"),
          Map.entry("19-offset-beyond-end", "output_norm.weight is at offset 1099511627776"),
          Map.entry("21-unknown-tensor-type", "blk.0.ffn_down.weight is of the unknown type 99"),
          Map.entry("22-row-not-whole-blocks", "no whole blocks of 32 as Q4_0 has them"),
          Map.entry("23-alignment-0", "general.alignment is 0"),
          Map.entry("25-missing-architecture", "general.architecture is missing"),
          Map.entry("26-missing-head-count", "qwen2.attention.head_count is missing"),
          Map.entry("27-missing-tensor", "has no tensor blk.0.ffn_up.weight, which qwen2 needs"),
          Map.entry("28-vocab-smaller", "tokenizer.ggml.tokens is a list of 12"),
          Map.entry("30-truncated-header", "more than the file has room for: it is truncated"),
          Map.entry("32-truncated-data", "it is truncated"),
          Map.entry("33-split-1-of-3", "the first of 3 parts, whose names must be"),
          Map.entry("34-empty", "not a GGUF file"));

  static Stream<String> lies() {
    return LIES.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("lies")
  void aFileThatLiesIsRefusedWithTheLie(String name) {
    Path file = Golden.file(BROKEN + name + ".gguf");
    for (WeightAccess access : WeightAccess.values()) {
      assertThatThrownBy(() -> Gguf.load(file, Arena.ofAuto(), access))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining(LIES.get(name));
    }
  }

  @Test
  void everyLieIsTested() throws IOException {
    Path list = Golden.file(BROKEN + "LIST.txt");
    assertThat(Files.readAllLines(list).stream().map(line -> line.split("\\.")[0]).skip(1))
        .containsExactlyInAnyOrderElementsOf(LIES.keySet());
  }

  @ParameterizedTest
  @EnumSource
  void theFileThatTheyWereMadeFromLoads(WeightAccess access) {
    Gguf.Loaded loaded = Gguf.load(Golden.file(BROKEN + "00-valid.gguf"), Arena.ofAuto(), access);
    assertThat(loaded.model().name()).isEqualTo("00-valid");
    assertThat(loaded.model().config().architecture()).isEqualTo("Qwen2ForCausalLM");
    assertThat(loaded.files()).hasSize(1);
  }

  /** Every byte that the header could lose. */
  @Test
  void aHeaderCutAnywhereIsRefused(@TempDir Path directory) throws IOException {
    byte[] valid = Files.readAllBytes(Golden.file(BROKEN + "00-valid.gguf"));
    Path cut = directory.resolve("cut.gguf");
    for (int length = 0; length < valid.length - 32; length += 7) {
      Files.write(cut, Arrays.copyOf(valid, length));
      assertThatThrownBy(() -> GgufFile.open(cut)).isInstanceOf(InputException.class);
    }
    Files.write(cut, Arrays.copyOf(valid, valid.length + 33));
    assertThatThrownBy(() -> GgufFile.open(cut))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the tensors end at byte");
  }

  /** The same weights as the safetensors have, whose rows of heads stand in halves. */
  @ParameterizedTest
  @ValueSource(strings = {"qwen2-F32", "qwen3-F16", "llama3-F16", "mistral-BF16"})
  void weightsAreThoseOfTheHuggingFaceDirectory(String name) {
    Model expected = HuggingFace.load(Golden.model(name.substring(0, name.indexOf('-'))));
    Model model =
        Gguf.load(Golden.file("gguf/models/" + name + ".gguf"), Arena.ofAuto(), WeightAccess.MAPPED)
            .model();
    // What is rounded of the original, relative to a weight.
    double rounded = name.endsWith("F32") ? 0 : name.endsWith("BF16") ? 0x1p-8 : 0x1p-11;
    for (int i = 0; i < model.layers().size(); i++) {
      compare(expected.layers().get(i), model.layers().get(i), rounded);
    }
    compare(expected.head(), model.head(), rounded);
    assertThat(model.config().attention()).isEqualTo(expected.config().attention());
    assertThat(model.config().maxContext()).isEqualTo(expected.config().maxContext());
    float[] frequencies = model.config().rope().inverseFrequencies();
    float[] wanted = expected.config().rope().inverseFrequencies();
    assertThat(IntStream.range(0, wanted.length).mapToDouble(j -> frequencies[j] / wanted[j]))
        .allSatisfy(ratio -> assertThat(ratio).isBetween(1 - 1e-6, 1 + 1e-6));
  }

  private static void compare(LayerWeights expected, LayerWeights actual, double rounded) {
    for (int i = 0; i < expected.tensors().size(); i++) {
      compare(expected.tensors().get(i), actual.tensors().get(i), rounded);
    }
    assertThat(actual.tensors()).hasSameSizeAs(expected.tensors());
  }

  private static void compare(Tensor expected, Tensor actual, double rounded) {
    float[] wanted = expected.toFloats();
    float[] floats = actual.toFloats();
    assertThat(floats).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(Math.abs(floats[i] - wanted[i]))
          .as("%s at %d", actual.name(), i)
          .isLessThanOrEqualTo((float) (rounded * Math.abs(wanted[i]) + (rounded > 0 ? 1e-7 : 0)));
    }
  }

  @Test
  void partsAreFoundByTheFirst(@TempDir Path directory) {
    Path whole = Golden.file("gguf/models/qwen2-F32.gguf");
    Path first = SplitGguf.split(whole, directory.resolve("tiny"), 3);
    Model model = Gguf.load(first, Arena.ofAuto(), WeightAccess.MAPPED).model();
    Model expected = Gguf.load(whole, Arena.ofAuto(), WeightAccess.MAPPED).model();
    assertThat(model.name()).isEqualTo("tiny");
    for (int i = 0; i < expected.tensors().size(); i++) {
      assertThat(model.tensors().get(i).toFloats()).isEqualTo(expected.tensors().get(i).toFloats());
    }
    Path second = directory.resolve("tiny-00002-of-00003.gguf");
    assertThatThrownBy(() -> Gguf.load(second, Arena.ofAuto(), WeightAccess.MAPPED))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("split.no is 1")
        .hasMessageContaining("name the first part");
    assertThat(second.toFile().delete()).isTrue();
    assertThatThrownBy(() -> Gguf.load(first, Arena.ofAuto(), WeightAccess.MAPPED))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tiny-00002-of-00003.gguf: no such file");
  }
}
