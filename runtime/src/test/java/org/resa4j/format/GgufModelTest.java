package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.QuantisedModel;
import org.resa4j.model.Tensor;
import org.resa4j.reference.ReferenceModel;

/** Models of Hugging Face directories, written and read again. */
class GgufModelTest {
  @TempDir private Path folder;

  private Model written(Path directory, Optional<DType> type) throws IOException {
    GgufWriter gguf = new GgufWriter();
    GgufModel.addTo(gguf, directory, HuggingFace.load(directory), type);
    Path file = folder.resolve("a.gguf");
    gguf.write(file);
    return Gguf.load(file, Arena.ofAuto(), WeightAccess.MAPPED).model();
  }

  /** Every weight, in place and bit by bit, so logits are the same but for RoPE's last bit. */
  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "qwen3", "llama3", "mistral", "llama-biases"})
  void nothingChangesInItsOwnFormat(String name) throws IOException {
    Path directory = Golden.model(name);
    Model expected = HuggingFace.load(directory);
    Model model = written(directory, Optional.of(DType.F32));
    checkSameWeights(expected, model);
    assertThat(model.config().attention()).isEqualTo(expected.config().attention());
    assertThat(model.config().maxContext()).isEqualTo(expected.config().maxContext());
    assertThat(model.config().rmsEpsilon()).isEqualTo(expected.config().rmsEpsilon());
    assertThat(GgufConfigWriter.alike(model.config().rope(), expected.config().rope())).isTrue();

    ReferenceModel one = new ReferenceModel(expected, 8);
    ReferenceModel other = new ReferenceModel(model, 8);
    for (int position = 0; position < 8; position++) {
      double[] logits = one.step(7 * position, position, ResaConfig.dense(16));
      double[] again = other.step(7 * position, position, ResaConfig.dense(16));
      assertThat(IntStream.range(0, logits.length).mapToDouble(i -> logits[i] - again[i]))
          .allSatisfy(difference -> assertThat(difference).isBetween(-1e-5, 1e-5));
    }
  }

  private static void checkSameWeights(Model expected, Model model) {
    List<Tensor> wanted = expected.tensors();
    List<Tensor> tensors = model.tensors();
    assertThat(tensors).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.size(); i++) {
      assertThat(tensors.get(i).dtype()).isEqualTo(wanted.get(i).dtype());
      assertThat(tensors.get(i).data().mismatch(wanted.get(i).data()))
          .as(tensors.get(i).name())
          .isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource({"qwen2, Q8_0", "qwen2, Q4_0", "llama3, Q8_0", "llama3, Q4_0", "mistral, Q4_0"})
  void quantisedFilesHaveTheBytesOfWhatIsQuantisedAsItIsLoaded(String name, DType type)
      throws IOException {
    Model loaded = QuantisedModel.of(HuggingFace.load(Golden.model(name)), type, Arena.ofAuto());
    checkSameWeights(loaded, written(Golden.model(name), Optional.of(type)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16"})
  void sixteenBitsAreRounded(DType type) throws IOException {
    Model expected = HuggingFace.load(Golden.model("mistral"));
    Model model = written(Golden.model("mistral"), Optional.of(type));
    float[] wanted = expected.layers().get(1).query().weight().toFloats();
    Tensor query = model.layers().get(1).query().weight();
    float[] got = query.toFloats();
    assertThat(query.dtype()).isEqualTo(type);
    assertThat(model.finalNorm().dtype()).isEqualTo(DType.F32);
    double error = type == DType.F16 ? 0x1p-11 : 0x1p-8;
    for (int i = 0; i < wanted.length; i++) {
      assertThat(Math.abs(got[i] - wanted[i]))
          .isLessThanOrEqualTo((float) (error * 1.01 * Math.abs(wanted[i]) + 1e-7));
    }
  }

  /** The same bytes as llama.cpp's converter writes, but for the tensors' order. */
  @ParameterizedTest
  @CsvSource({"llama3, F16", "qwen3, F16", "mistral, BF16", "llama3, Q8_0"})
  void tensorsAreThoseOfLlamaCppsFiles(String name, DType type) throws IOException {
    written(Golden.model(name), Optional.of(type));
    GgufFile ours = GgufFile.open(folder.resolve("a.gguf"));
    GgufFile theirs = GgufFile.open(Golden.file("gguf/models/" + name + "-" + type + ".gguf"));
    checkSameTensors(ours, theirs);
  }

  private static void checkSameTensors(GgufFile ours, GgufFile theirs) {
    assertThat(ours.tensors().keySet()).isEqualTo(theirs.tensors().keySet());
    theirs
        .tensors()
        .forEach(
            (key, tensor) -> {
              Tensor own = ours.tensors().get(key);
              assertThat(own.dtype()).as(key).isEqualTo(tensor.dtype());
              assertThat(own.shape()).as(key).isEqualTo(tensor.shape());
              if (key.equals(Gguf.FREQUENCY_FACTORS)) {
                float[] factors = tensor.toFloats();
                float[] owns = own.toFloats();
                for (int j = 0; j < factors.length; j++) {
                  assertThat(owns[j] / factors[j]).isBetween(1 - 1e-6f, 1 + 1e-6f);
                }
              } else {
                assertThat(own.data().mismatch(tensor.data())).as(key).isEqualTo(-1);
              }
            });
  }

  /** Rows of 172 are no whole blocks, and become F16 in llama.cpp's file too. */
  @Test
  void rowsThatAreNoWholeBlocksStayInSixteenBits() throws IOException {
    Path stories = Golden.file("gguf/models/stories260K-F32.gguf");
    Model model = Gguf.load(stories, Arena.ofAuto(), WeightAccess.MAPPED).model();
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": 64, "intermediate_size": 172, "vocab_size": 512,
         "num_hidden_layers": 5, "num_attention_heads": 8, "num_key_value_heads": 4,
         "max_position_embeddings": 512, "rms_norm_eps": 1e-05, "tie_word_embeddings": true}
        """);
    GgufWriter gguf = new GgufWriter();
    GgufModel.addTo(gguf, folder, model, Optional.of(DType.Q8_0));
    gguf.write(folder.resolve("a.gguf"));
    GgufFile ours = GgufFile.open(folder.resolve("a.gguf"));
    GgufFile theirs = GgufFile.open(Golden.file("gguf/models/stories260K-Q8_0.gguf"));
    checkSameTensors(ours, theirs);
    assertThat(ours.tensors().get("blk.0.ffn_down.weight").dtype()).isEqualTo(DType.F16);
  }

  @ParameterizedTest
  @CsvSource({"qwen2, rope/yarn-qwen2", "qwen3, rope/yarn-qwen3", "llama3, rope/linear-llama3"})
  void positionScalingIsKept(String base, String config) throws IOException {
    Path directory = Golden.model(base, config);
    Model expected = HuggingFace.load(directory);
    Model model = written(directory, Optional.of(DType.F16));
    assertThat(model.config().maxContext()).isEqualTo(expected.config().maxContext());
    assertThat(GgufConfigWriter.alike(model.config().rope(), expected.config().rope())).isTrue();
  }

  private Path withConfig(String from, String to) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("model"));
    Path source = Golden.model("qwen2");
    Files.copy(source.resolve("model.safetensors"), directory.resolve("model.safetensors"));
    String config = Files.readString(source.resolve("config.json"));
    assertThat(config).contains(from);
    Files.writeString(directory.resolve("config.json"), config.replace(from, to));
    return directory;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'rope_type': 'dynamic', 'factor': 2.0; type dynamic",
        "'rope_type': 'yarn', 'factor': 2.0, 'attention_factor': 1.5; yarn's factor",
        "'rope_type': 'yarn', 'factor': 2.0, 'mscale': 0.7, 'mscale_all_dim': 1; yarn's factor",
        "'rope_type': 'yarn', 'factor': 2.0, 'truncate': false; yarn's factor"
      })
  void positionScalingWithoutKeysIsRefused(String scaling, String said) throws IOException {
    Path directory =
        withConfig(
            "\"rope_theta\"",
            "\"rope_scaling\": {%s}, \"rope_theta\"".formatted(scaling.replace('\'', '"')));
    assertThatThrownBy(() -> written(directory, Optional.of(DType.F16)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(said);
  }

  @Test
  void aWindowBoundsTheContext() throws IOException {
    Path directory =
        withConfig(
            "\"use_sliding_window\": false",
            "\"use_sliding_window\": true, \"max_window_layers\": 0, \"sliding_window\": 96");
    // Later keys of the same name are refused.
    Path config = directory.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"max_window_layers\": 28,", "")
            .replace("\"sliding_window\": null,", ""));
    assertThat(written(directory, Optional.of(DType.F16)).config().maxContext()).isEqualTo(96);
  }

  @Test
  void whatIsQuantisedIsNotQuantisedAgain() {
    Path directory = Golden.model("llama3");
    Model quantised = QuantisedModel.of(HuggingFace.load(directory), DType.Q4_0, Arena.ofAuto());
    assertThatThrownBy(
            () -> GgufModel.addTo(new GgufWriter(), directory, quantised, Optional.of(DType.Q8_0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Q4_0 already");
  }
}
