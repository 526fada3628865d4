package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.model.DType;
import org.resa4j.model.Model;
import org.resa4j.model.ModelConfig;
import org.resa4j.model.Projection;

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
          .append("\"%s\":\"./model-00001-of-00001.safetensors\"".formatted(name));
    }
    Path index = directory.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{" + map + "}}");
    assertThat(HuggingFace.load(directory).layers()).hasSize(2);
    Files.writeString(index, "{\"weight_map\":{\"x\":\"model-00001-of-00001.safetensors\"}}");
    loading().hasMessageContaining("tensor x is not in");
    Files.writeString(index, "{\"weight_map\":{\"x\":1}}");
    loading().hasMessageContaining("names no file of the directory");
    Files.writeString(index, "{}");
    loading().hasMessageContaining("has no weight_map");
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
        "\"rms_norm_eps\": 1e-06|\"rms_norm_eps\": 1e300|rms_norm_eps must be a number that fp32",
        "\"rms_norm_eps\": 1e-06|\"is_causal\": false|is_causal must be true",
        "\"rms_norm_eps\": 1e-06|\"transformers_weights\": \"x\"|transformers_weights must be"
            + " missing",
        "\"rms_norm_eps\": 1e-06|\"layer_types\": [\"linear_attention\", \"full_attention\"]|for"
            + " each of 2",
        "\"rms_norm_eps\": 1e-06|\"layer_types\": [\"full_attention\"]|for each of 2 layers",
        "\"rms_norm_eps\": 1e-06|\"layer_types\": []|for each of 2 layers",
        "\"rms_norm_eps\": 1e-06|\"layer_types\": [\"full_attention\", \"sliding_attention\"]|there"
            + " being no window",
        "\"rms_norm_eps\": 1e-06|\"rms_norm_eps\": 1e999|rms_norm_eps must be a number above 0",
        "\"rms_norm_eps\": 1e-06|\"rms_norm_eps\": null|rms_norm_eps must be a number above 0",
        "\"model_type\": \"qwen2\"|\"model_type\": \"llama\"|model_type must be \"qwen2\"",
        "\"model_type\": \"qwen2\"|\"quantization_config\": {\"quant_method\": \"awq\"}|a quantised"
            + " checkpoint (quantization_config: awq)",
        "\"eos_token_id\": 425|\"eos_token_id\": \"425\"|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": 2.5|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": -1|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": 512|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": 99999999999|eos_token_id must be a token",
        "\"eos_token_id\": 425|\"eos_token_id\": [null]|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": [\"a\"]|eos_token_id must be a token below 512",
        "\"eos_token_id\": 425|\"eos_token_id\": {}|eos_token_id must be a token below 512",
        "\"tie_word_embeddings\": true|\"tie_word_embeddings\": \"yes\"|must be true or false",
        "\"num_attention_heads\": 4|\"num_attention_heads\": 2147483647|does not divide",
        "\"num_attention_heads\": 4|\"num_attention_heads\": 4, \"head_dim\": 2147483646|head",
        "\"num_attention_heads\": 4|\"num_attention_heads\": 4, \"head_dim\": 268435460|above"
            + " 65536",
        "\"num_attention_heads\": 4|\"num_attention_heads\": 4, \"head_dim\": 17|is odd",
        "\"num_attention_heads\": 4|\"num_attention_heads\": 3|does not divide into 3 heads",
        "\"vocab_size\": 512|\"vocab_size\": 512, \"vocab_size\": 512|uplicate",
        "\"vocab_size\": 512|\"vocab_size\": 99999999999|vocab_size must be a whole number",
      })
  void configurationsThatCannotBeRunAreRefused(String from, String to, String message)
      throws IOException {
    replaceInConfig(from, to);
    loading().hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"use_sliding_window\": true, \"max_window_layers\": 1|1024",
        "\"use_sliding_window\": true, \"max_window_layers\": 0|1024",
        "\"use_sliding_window\": true, \"max_window_layers\": 2|4096",
        "\"use_sliding_window\": true|4096",
        "\"use_sliding_window\": false, \"max_window_layers\": 1|4096",
        "\"max_window_layers\": 1|4096",
        "\"use_sliding_window\": true, \"layer_types\": [\"full_attention\","
            + " \"sliding_attention\"]|1024",
        "\"use_sliding_window\": true, \"max_window_layers\": 1, \"layer_types\":"
            + " [\"full_attention\", \"full_attention\"]|4096",
      })
  void aWindowEndsTheContextWhereALayerHasOne(String keys, int context) throws IOException {
    String config = Files.readString(directory.resolve("config.json"));
    config = config.replaceAll("\"(use_sliding_window|max_window_layers)\": [^,]*,", "");
    Files.writeString(
        directory.resolve("config.json"),
        config.replace("\"sliding_window\": null", "\"sliding_window\": 1024, " + keys));
    assertThat(HuggingFace.load(directory).config().maxContext()).isEqualTo(context);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mistral|\"sliding_window\": 1024|1024",
        "mistral|\"sliding_window\": null|4096",
        "mistral|\"x\": 1|4096",
        "llama3|\"sliding_window\": 1024|4096",
      })
  void onlySomeArchitecturesHaveOne(String model, String keys, int context) throws IOException {
    String config =
        Files.readString(Golden.model(model).resolve("config.json"))
            .replaceAll("\\s*\"sliding_window\": [^,]*,", "")
            .replaceFirst("\\{", "{" + keys + ",");
    Files.writeString(directory.resolve("config.json"), config);
    Files.copy(
        Golden.model(model).resolve("model.safetensors"),
        directory.resolve("model.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(HuggingFace.load(directory).config().maxContext()).isEqualTo(context);
  }

  /** A checkpoint with a tensor under another name, so that it lacks one and has one too many. */
  private void rename(String model, String from, String to) throws IOException {
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(
          Golden.model(model).resolve(name),
          directory.resolve(name),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Path weights = directory.resolve("model.safetensors");
    String header = Files.readString(weights, StandardCharsets.ISO_8859_1);
    assertThat(to).hasSameSizeAs(from);
    assertThat(header).contains(from);
    Files.writeString(weights, header.replace(from, to), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "qwen2, layers.0.self_attn.q_proj.bias, layers.9.self_attn.q_proj.bias",
    "qwen2, layers.1.self_attn.v_proj.bias, layers.9.self_attn.v_proj.bias",
    "qwen3, layers.0.self_attn.q_norm.weight, layers.9.self_attn.q_norm.weight",
    "qwen3, layers.1.self_attn.k_norm.weight, layers.9.self_attn.k_norm.weight",
    "llama-biases, layers.0.mlp.down_proj.bias, layers.9.mlp.down_proj.bias",
    "llama-biases, layers.0.self_attn.o_proj.bias, layers.9.self_attn.o_proj.bias",
    "mistral, layers.0.mlp.up_proj.weight, layers.9.mlp.up_proj.weight",
  })
  void incompleteModelsAreRefused(String model, String from, String to) throws IOException {
    rename(model, from, to);
    loading().hasMessageContaining("has no tensor model." + from);
  }

  @Test
  void biasesThatAreConfiguredAwayAreIgnored() throws IOException {
    rename("llama-biases", "layers.0", "layers.0");
    replaceInConfig("\"attention_bias\": true", "\"attention_bias\": false");
    replaceInConfig("\"mlp_bias\": true", "\"mlp_bias\": null");
    for (Projection each : HuggingFace.load(directory).layers().getFirst().projections()) {
      assertThat(each.bias()).isEmpty();
    }
    assertThat(HuggingFace.load(directory).layers().getFirst().down().bias()).isEmpty();
  }

  @Test
  void whatOlderFilesLackIsTheReferenceLibrarys() throws IOException {
    replaceInConfig("\"max_position_embeddings\": 4096", "\"x\": 1");
    replaceInConfig("\"rms_norm_eps\": 1e-06", "\"y\": 1");
    replaceInConfig("\"hidden_act\": \"silu\"", "\"hidden_act\": \"swish\"");
    ModelConfig config = HuggingFace.load(directory).config();
    assertThat(config.maxContext()).isEqualTo(32768);
    assertThat(config.rmsEpsilon()).isEqualTo(1e-6f);
  }

  /** The reference library's versions part in which of the two they take. */
  @Test
  void tiedEmbeddingsThatDifferAreRefused() throws IOException {
    rename("llama3", "layers.0", "layers.0");
    replaceInConfig("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
    loading().hasMessageContaining("lm_head.weight differ");
  }

  /** Under the head's name alone, it is the embedding too. */
  @Test
  void oneOfTiedEmbeddingsIsBoth() throws IOException {
    rename("qwen2", "\"model.embed_tokens.weight\"", "           \"lm_head.weight\"");
    Model model = HuggingFace.load(directory);
    assertThat(model.head()).isSameAs(model.embedding());
    assertThat(model.embedding().toFloats())
        .isEqualTo(HuggingFace.load(Golden.model("qwen2")).embedding().toFloats());
  }

  @Test
  void tensorsStandInOneShard() throws IOException {
    Path whole = directory.resolve("model.safetensors");
    Files.copy(whole, directory.resolve("a.safetensors"));
    Files.move(whole, directory.resolve("b.safetensors"));
    Path index = directory.resolve("model.safetensors.index.json");
    String name = "model.norm.weight";
    Files.writeString(index, "{\"weight_map\":{\"%s\":\"a.safetensors\"}}".formatted(name));
    // What the index does not name is there all the same.
    assertThat(HuggingFace.load(directory).layers()).hasSize(2);
    Files.writeString(
        index,
        "{\"weight_map\":{\"%s\":\"a.safetensors\",\"x.rotary_emb.inv_freq\":\"b.safetensors\"}}"
            .formatted(name));
    loading().hasMessageContaining("stands in a.safetensors and in b.safetensors");
  }

  @Test
  void linksToNowhereAndAdaptersAreNamed() throws IOException {
    Path weights = directory.resolve("model.safetensors");
    Files.delete(weights);
    Files.createSymbolicLink(weights, directory.resolve("blob"));
    loading().hasMessageContaining("model.safetensors: a link to what is not there");
    Files.delete(weights);
    Files.createFile(directory.resolve("model.gguf"));
    loading().hasMessageContaining("model.gguf is a model by itself: name the file");
    Files.createFile(directory.resolve("model-00001-of-00002.safetensors"));
    loading().hasMessageContaining("model-00001-of-00002.safetensors needs the index");
    Files.delete(directory.resolve("config.json"));
    Files.createFile(directory.resolve("adapter_config.json"));
    loading().hasMessageContaining("an adapter without its model");
  }

  @Test
  void aSingleFileWinsOverShards() throws IOException {
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"x\":\"nowhere.safetensors\"}}");
    assertThat(HuggingFace.load(directory).layers()).hasSize(2);
  }

  @Test
  void otherFormatsAreNamed() throws IOException {
    Files.move(directory.resolve("model.safetensors"), directory.resolve("pytorch_model.bin"));
    loading().hasMessageContaining("pytorch_model.bin is not a format that is read");
  }

  @Test
  void doublePrecisionIsRounded() throws IOException {
    Path weights = directory.resolve("model.safetensors");
    Model singles = HuggingFace.load(Golden.model("qwen2"));
    SafetensorsFiles.inDouble(
        Safetensors.open(Golden.model("qwen2").resolve("model.safetensors")), weights);
    Model doubles = HuggingFace.load(directory);
    assertThat(doubles.embedding().dtype()).isEqualTo(DType.F32);
    assertThat(doubles.embedding().toFloats()).isEqualTo(singles.embedding().toFloats());
  }

  @Test
  void copiesSurviveWhatHappensToTheFile() throws IOException {
    Path weights = directory.resolve("model.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      HuggingFace.Loaded copied = HuggingFace.load(directory, arena, WeightAccess.COPIED);
      float[] before = copied.model().embedding().toFloats();
      MappedFile file = copied.files().iterator().next();
      file.checkUnchanged();
      try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
        channel.truncate(100);
      }
      assertThat(copied.model().embedding().toFloats()).isEqualTo(before);
      assertThatThrownBy(file::checkUnchanged)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("was written while it is in use");
      // Another file of that name, or none, changes nothing of the one that is open.
      Files.move(
          Files.copy(weights, directory.resolve("new")),
          weights,
          StandardCopyOption.REPLACE_EXISTING);
      file.checkUnchanged();
      Files.delete(weights);
      file.checkUnchanged();
    }
  }

  @Test
  void whatIsNoFileIsRefused() throws Exception {
    Path config = directory.resolve("config.json");
    Path weights = directory.resolve("model.safetensors");
    byte[] right = Files.readAllBytes(config);
    for (Path file : new Path[] {config, weights}) {
      Files.delete(file);
      Files.createDirectory(file);
      loading().hasMessageContaining(file.getFileName() + ": a directory, not a file");
      Files.delete(file);
      // Its reading would wait for a writer for ever.
      assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
      loading().hasMessageContaining(file.getFileName() + ": not a plain file");
      Files.delete(file);
      Files.write(config, right);
    }
  }

  @Test
  void giganticJsonIsNotRead() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve("config.json"), StandardOpenOption.WRITE)) {
      // Sparse: it takes no room on the disk.
      channel.write(ByteBuffer.wrap(new byte[] {'{'}), 3L << 30);
    }
    loading().hasMessageContaining("has 3221225473 bytes, at most 8388608 are read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret.safetensors",
        "/etc/passwd",
        "folder/model.safetensors",
        "..",
        ".",
        "",
        "model\\u0000.safetensors"
      })
  void shardsOutsideTheDirectoryAreRefused(String name) throws IOException {
    Files.delete(directory.resolve("model.safetensors"));
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"x\":\"%s\"}}".formatted(name));
    loading().hasMessageContaining("names no file of the directory");
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
