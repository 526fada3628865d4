package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;

class HuggingFaceTest {
  @TempDir private Path directory;

  @BeforeEach
  void copyModel() throws IOException {
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Golden.model("qwen2").resolve(name), directory.resolve(name));
    }
  }

  private void replaceInConfig(String from, String to) throws IOException {
    Path file = directory.resolve("config.json");
    String config = Files.readString(file);
    assertThat(config).contains(from);
    Files.writeString(file, config.replace(from, to));
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> loading() {
    return assertThatThrownBy(() -> HuggingFace.load(directory)).isInstanceOf(InputException.class);
  }

  @Test
  void readsOlderAndNewerKeysOfRope() {
    ModelConfig qwen2 = HuggingFace.load(Golden.model("qwen2")).config();
    ModelConfig qwen3 = HuggingFace.load(Golden.model("qwen3")).config();
    assertThat(qwen2.rope().inverseFrequencies()[1])
        .isCloseTo((float) Math.pow(1e6, -2.0 / 16), within(1e-9f));
    assertThat(qwen3.rope().inverseFrequencies()[1])
        .isCloseTo((float) Math.pow(1e6, -2.0 / 32), within(1e-9f));
    assertThat(qwen3.attention().headDim()).isEqualTo(32);
  }

  @Test
  void stretchesLongWavelengthsAsLlama3Does() {
    float[] frequencies =
        HuggingFace.load(Golden.model("llama3")).config().rope().inverseFrequencies();
    // d = 16, theta 5e5, original context 512: pair 0 turns fast, pair 7 takes 700,000 positions.
    assertThat(frequencies[0]).isEqualTo(1);
    assertThat(frequencies[7]).isCloseTo((float) (Math.pow(5e5, -14.0 / 16) / 8), within(1e-12f));
  }

  @Test
  void tiedEmbeddingsAreOneTensor() {
    Model model = HuggingFace.load(directory);
    assertThat(model.head()).isSameAs(model.embedding());
    assertThat(model.config().endOfText()).containsExactly(425);
  }

  @Test
  void readsShards() throws IOException {
    Safetensors whole = Safetensors.open(directory.resolve("model.safetensors"));
    Files.copy(
        directory.resolve("model.safetensors"),
        directory.resolve("model-00001-of-00001.safetensors"));
    Files.delete(directory.resolve("model.safetensors"));
    StringBuilder map = new StringBuilder();
    for (String name : whole.names()) {
      map.append(map.isEmpty() ? "" : ",")
          .append("\"%s\":\"model-00001-of-00001.safetensors\"".formatted(name));
    }
    Path index = directory.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{" + map + "}}");
    assertThat(HuggingFace.load(directory).layers()).hasSize(2);
    Files.writeString(index, "{\"weight_map\":{\"x\":\"model-00001-of-00001.safetensors\"}}");
    loading().hasMessageContaining("tensor x is not in");
    Files.writeString(index, "{\"weight_map\":{\"x\":\"../secret.safetensors\"}}");
    loading().hasMessageContaining("names no file of the directory");
    Files.writeString(index, "{\"weight_map\":{\"x\":\"model-2.safetensors\"}}");
    loading().hasMessageContaining("model-2.safetensors: no such file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Qwen2ForCausalLM\"|\"GPT9\"|architecture GPT9 is not supported",
        "\"silu\"|\"gelu\"|hidden_act gelu",
        "\"num_hidden_layers\": 2|\"num_hidden_layers\": 0|num_hidden_layers must be",
        "\"num_hidden_layers\": 2|\"num_hidden_layers\": 3|has no tensor model.layers.2",
        "\"num_hidden_layers\": 2|\"num_hidden_layers\": 1|are no part of Qwen2ForCausalLM",
        "\"num_key_value_heads\": 2|\"num_key_value_heads\": 3|do not divide into 3 groups",
        "\"hidden_size\": 64|\"hidden_size\": 128|config.json asks for [512, 128]",
        "\"rope_theta\": 1000000.0|\"rope_scaling\": {\"type\": \"yarn\"}|scaling yarn is not"
            + " supported",
        "\"rms_norm_eps\": 1e-06|\"x\": 1|rms_norm_eps must be a number, is missing",
        "\"vocab_size\": 512|\"vocab_size\": 99999999999|vocab_size must be a whole number",
      })
  void configurationsThatCannotBeRunAreRefused(String from, String to, String message)
      throws IOException {
    replaceInConfig(from, to);
    loading().hasMessageContaining(message);
  }

  @Test
  void aWindowOfAttentionEndsTheContext() throws IOException {
    replaceInConfig("\"sliding_window\": null", "\"sliding_window\": 1024");
    replaceInConfig("\"use_sliding_window\": false", "\"use_sliding_window\": true");
    assertThat(HuggingFace.load(directory).config().maxContext()).isEqualTo(1024);
  }

  @Test
  void missingAndTruncatedFilesAreNamed() throws IOException {
    Path weights = directory.resolve("model.safetensors");
    try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1000);
    }
    loading().hasMessageContaining("model.safetensors").hasMessageContaining("truncated");
    Files.delete(weights);
    loading().hasMessageContaining("model.safetensors: no such file");
    Files.writeString(directory.resolve("config.json"), "{\"architectures\": ");
    loading().hasMessageContaining("config.json: not JSON");
    Files.delete(directory.resolve("config.json"));
    loading().hasMessageContaining("config.json: no such file");
    assertThatThrownBy(() -> HuggingFace.load(directory.resolve("nowhere")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such directory");
  }
}
