package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.attention.DraftLength;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.format.WeightAccess;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Sampling;
import org.resa4j.model.DType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts from GGUF files, with nothing but the file: a story writer that was trained. */
class GgufTextTest {
  private static final Path STORIES = Golden.file("gguf/models/stories260K-F32.gguf");

  private static GenerationOptions options(int tokens, ResaConfig attention) {
    return new GenerationOptions(tokens, attention, Sampling.GREEDY).withStopAtEndOfText(false);
  }

  static Stream<JsonNode> stories() throws IOException {
    String json = Files.readString(Golden.file("gguf/text/stories260K-greedy.json"));
    return JsonMapper.shared().readTree(json).valueStream();
  }

  @ParameterizedTest
  @MethodSource("stories")
  void theStoryIsThatOfLlama2c(JsonNode golden) {
    int[] ids = golden.path("F32").path("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
    try (Resa resa = Resa.builder(STORIES).engine("jvm").build()) {
      for (ResaConfig attention :
          List.of(ResaConfig.dense(16), ResaConfig.DEFAULT.withExact(DraftLength.AUTO))) {
        Generation story =
            resa.generate(
                golden.path("prompt").asString(), options(ids.length, attention.withBlockSize(16)));
        assertThat(story.tokenIds()).isEqualTo(ids);
        assertThat(story.finish()).isEqualTo(FinishReason.MAX_TOKENS);
        // The golden text begins with the prompt; the blank between is the first token's, which
        // begins a text here.
        String text = golden.path("F32").path("text").asString();
        String written = text.substring(1 + golden.path("prompt").asString().length());
        assertThat(story.text()).isEqualTo(written.stripLeading());
      }
    }
  }

  @Test
  void theFileSaysHowTextsEndAndWhatTheModelIs() {
    try (Checkpoint checkpoint = Checkpoint.load(STORIES)) {
      assertThat(checkpoint.model().name()).isEqualTo("stories260K-F32");
      assertThat(checkpoint.model().config().endOfText()).isEqualTo(Set.of(2));
      assertThat(checkpoint.chatTemplate()).isEmpty();
      assertThat(checkpoint.defaults().settings())
          .contains(new SettingOrigin("eos_token_id", "[2]", "tokenizer.ggml.eos_token_id"));
    }
  }

  /** Of a file with a template, the same text as of the directory that it was made from. */
  @Test
  void chatsUseTheFilesTemplate() {
    try (Checkpoint checkpoint = Checkpoint.load(Golden.file("gguf/models/qwen2-F32.gguf"))) {
      assertThat(checkpoint.chatTemplate()).isPresent();
    }
  }

  private static Checkpoint load(Path model, DType weights) {
    return Checkpoint.load(model, WeightAccess.MAPPED, Optional.of(weights));
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void weightsAreQuantisedAsTheyAreLoaded(DType type) {
    Path directory = Golden.model("qwen2");
    Golden.file("models/qwen2/tokenizer.json");
    try (Checkpoint checkpoint = load(directory, type)) {
      Set<DType> types = new TreeSet<>();
      checkpoint
          .model()
          .layers()
          .getFirst()
          .projections()
          .forEach(p -> types.add(p.weight().dtype()));
      assertThat(types).containsExactly(type);
      assertThat(checkpoint.model().head().dtype()).isEqualTo(DType.Q8_0);
      assertThat(checkpoint.model().finalNorm().dtype()).isEqualTo(DType.F32);
    }
    assertThatThrownBy(() -> load(directory, DType.Q4_K))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Q8_0 or Q4_0, not Q4_K");
    Path quantised = Golden.file("gguf/models/llama3-Q4_0.gguf");
    assertThatThrownBy(() -> load(quantised, DType.Q8_0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is Q4_0 already");
  }
}
