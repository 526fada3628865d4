package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.engine.Golden;
import org.resa4j.engine.OpenProgress;
import org.resa4j.error.InputException;
import org.resa4j.format.WeightAccess;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;
import org.resa4j.tokenizer.Message;

/** Directories as GGUF files: what is written with both. */
class GgufExportTest {
  private static final String TEMPLATE =
      """
      {{ bos_token }}{%- for m in messages -%}<|im_start|>{{ m.role }}
      {{ m.content }}<|im_end|>
      {% endfor -%}<|im_start|>assistant
      """;

  @TempDir private Path folder;
  private Path directory;
  private Path file;

  @BeforeEach
  void names() throws IOException {
    directory = Files.createDirectory(folder.resolve("tiny"));
    file = folder.resolve("tiny.gguf");
  }

  private void model(String base) throws IOException {
    for (String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
      Files.copy(Golden.model(base).resolve(name), directory.resolve(name));
    }
    put("tokenizer.json", Files.readString(Golden.file("models/qwen2/tokenizer.json")));
  }

  private void put(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private GgufExport.Summary export(DType type) {
    return GgufExport.write(directory, type, file, OpenProgress.NONE);
  }

  private static int[] written(Checkpoint checkpoint) {
    try (checkpoint;
        Resa resa = Resa.builder(checkpoint).engine("jvm").contextLength(128).build()) {
      return resa.generate(
              "Hello, it's 1 2 3!", resa.defaults().withMaxTokens(24).withStopAtEndOfText(false))
          .tokenIds();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "qwen3", "llama3", "mistral"})
  void theFileWritesWhatTheDirectoryDoes(String base) throws IOException {
    model(base);
    GgufExport.Summary summary = export(DType.Q8_0);
    assertThat(summary.formats()).containsOnlyKeys(DType.Q8_0);
    assertThat(summary.bytes()).isEqualTo(Files.size(file));
    assertThat(summary.bitsPerWeight()).isBetween(8.5, 9.5);
    assertThat(written(Checkpoint.load(file)))
        .isEqualTo(
            written(Checkpoint.load(directory, WeightAccess.MAPPED, Optional.of(DType.Q8_0))));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(directory, file);
    }
  }

  @Test
  void settingsTemplateAndRolesGoAlong() throws IOException {
    model("qwen2");
    put("resa.json", "{\"keep_ratio\": 0.25, \"rectify_every\": 16}");
    put(
        "generation_config.json",
        "{\"do_sample\": true, \"top_k\": 7, \"eos_token_id\": [425, 423]}");
    put("chat_template.jinja", TEMPLATE);
    put(
        "tokenizer_config.json",
        "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|im_end|>\", \"add_bos_token\":"
            + " true}");
    export(DType.F16);
    try (Checkpoint one = Checkpoint.load(directory);
        Checkpoint other = Checkpoint.load(file)) {
      assertThat(other.defaults().attention()).isEqualTo(one.defaults().attention());
      assertThat(other.defaults().sampling()).isEqualTo(one.defaults().sampling());
      assertThat(other.model().config().endOfText())
          .isEqualTo(one.model().config().endOfText())
          .containsExactlyInAnyOrder(423, 425);
      List<Message> messages = List.of(new Message("user", "Hi"));
      assertThat(other.chatTemplate().orElseThrow().render(messages, true))
          .startsWith("<|endoftext|><|im_start|>user")
          .isEqualTo(one.chatTemplate().orElseThrow().render(messages, true));
      assertThat(other.tokenizer().encode("a", true)).startsWith(423);
    }
  }

  @Test
  void tokenizersOfWholeWordsAreRefused() throws IOException {
    Files.copy(Golden.file("worksheet/config.json"), directory.resolve("config.json"));
    Files.copy(Golden.file("worksheet/model.safetensors"), directory.resolve("model.safetensors"));
    put("tokenizer.json", Files.readString(Golden.file("worksheet/tokenizer.json")));
    assertThatThrownBy(() -> export(DType.Q4_0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model WordLevel");
    assertThat(file).doesNotExist();
  }

  /** A template that says something else without a variable that only the directory has. */
  @Test
  void aDifferenceIsAnErrorAndLeavesNothing() throws IOException {
    model("qwen2");
    put("chat_template.jinja", "{{ sep_token }}x");
    put("tokenizer_config.json", "{\"sep_token\": \"<|im_end|>\"}");
    assertThatThrownBy(() -> export(DType.F16))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("read back, it has other chat template");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(directory);
    }
    Files.writeString(file, "what was there");
    assertThatThrownBy(() -> export(DType.F16)).isInstanceOf(InputException.class);
    assertThat(file).hasContent("what was there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "stories260K"})
  void aGgufFileIsQuantisedAsLlamaCppDoes(String name) {
    String sixteen = name.equals("llama3") ? "-F16" : "-F32";
    Path source = Golden.file("gguf/models/" + name + sixteen + ".gguf");
    GgufExport.write(source, DType.Q8_0, file, OpenProgress.NONE);
    try (Checkpoint own = Checkpoint.load(file);
        Checkpoint theirs = Checkpoint.load(Golden.file("gguf/models/" + name + "-Q8_0.gguf"))) {
      List<Tensor> wanted = theirs.model().tensors();
      List<Tensor> tensors = own.model().tensors();
      for (int i = 0; i < wanted.size(); i++) {
        assertThat(tensors.get(i).dtype()).isEqualTo(wanted.get(i).dtype());
        if (name.startsWith("stories")) {
          // The other was made of F32.
          assertThat(tensors.get(i).data().mismatch(wanted.get(i).data())).isEqualTo(-1);
        }
      }
      assertThat(own.model().config().rope().inverseFrequencies())
          .isEqualTo(theirs.model().config().rope().inverseFrequencies());
      assertThat(own.tokenizer().differsOn(theirs.tokenizer(), 512)).isEmpty();
      assertThat(own.model().config().endOfText()).isEqualTo(theirs.model().config().endOfText());
    }
  }

  @Test
  void whatIsQuantisedIsRefused() {
    Path source = Golden.file("gguf/models/llama3-Q4_0.gguf");
    assertThatThrownBy(() -> GgufExport.write(source, DType.Q8_0, file, OpenProgress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is Q4_0 already");
  }
}
