package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.error.LimitException;
import org.resa4j.error.NonFiniteException;
import org.resa4j.format.WeightAccess;
import org.resa4j.generate.FinishReason;
import org.resa4j.generate.Sampling;
import org.resa4j.tokenizer.Message;

/**
 * Model directories as people have them, each under {@code cases} with what is right in its README:
 * put over a model of the golden data. Texts are the reference library's.
 */
class CasesTest {
  @TempDir private Path directory;

  private static Path cases(String name) {
    try {
      return Path.of(CasesTest.class.getResource("/cases/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void put(Path file) throws IOException {
    Files.copy(file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }

  /** A model with a case's files put over it. */
  private Path model(String base, String name) throws IOException {
    put(Golden.model(base).resolve("config.json"));
    put(Golden.model(base).resolve("model.safetensors"));
    put(Golden.file("models/qwen2/tokenizer.json"));
    try (Stream<Path> files = Files.list(cases(name))) {
      for (Path file : files.toList()) {
        put(file);
      }
    }
    return directory;
  }

  private void replaceInConfig(String from, String to) throws IOException {
    Path file = directory.resolve("config.json");
    String config = Files.readString(file);
    assertThat(config).contains(from);
    Files.writeString(file, config.replace(from, to));
  }

  private static Resa open(Path model) {
    return Resa.builder(model).engine("jvm").build();
  }

  private static GenerationOptions dense(int tokens) {
    return new GenerationOptions(tokens, ResaConfig.dense(16), Sampling.GREEDY)
        .withStopAtEndOfText(false);
  }

  private static GenerationRequest request(int[] prompt, GenerationOptions options) {
    return new GenerationRequest(Prompt.tokens(prompt), options);
  }

  /** Tokens 3, 4, 5 and on, around the vocabulary's end. */
  private static int[] prompt(int tokens) {
    return IntStream.range(3, 3 + tokens).map(token -> token % 500 + 3).toArray();
  }

  private static int[] written(Resa resa, int[] prompt, int tokens) {
    return resa.submit(request(prompt, dense(tokens))).join().tokens().stream()
        .mapToInt(GeneratedToken::id)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cfg-v5-plus-yarn|qwen3|4096|60|139 210 63 23 439 510 149 17 121 256 300 476",
        "cfg-yarn-old|qwen2|4096|60|507 387 131 506 347 264 61 347 23 4 309 153",
        "cfg-vicuna16k|llama3|2048|901|260 88 232 458 345 234 470 353 421 199 472 246",
        "cfg-sw-qwen2-nouse|qwen2|4096|60|507 9 152 393 366 197 255 347 347 347 177 391",
        "cfg-arch-missing|mistral|4096|60|185 405 78 452 405 233 280 431 121 465 277 493",
        "cfg-s-nanjson|mistral|4096|60|185 405 78 452 405 233 280 431 121 465 277 493",
      })
  void configurations(String name, String base, int limit, int length, String text)
      throws IOException {
    int[] expected = Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    try (Resa resa = open(model(base, name))) {
      assertThat(resa.info().model().maxContext()).isEqualTo(limit);
      assertThat(written(resa, prompt(length), expected.length)).isEqualTo(expected);
    }
  }

  @Test
  void nobodyIsSentFromOneSettingToAnotherForALongerContext() throws IOException {
    try (Resa resa = open(model("llama3", "cfg-vicuna16k"))) {
      assertThatThrownBy(() -> resa.submit(request(prompt(2049), dense(1))))
          .asInstanceOf(type(LimitException.class))
          .satisfies(
              e -> {
                assertThat(e.limit()).isEqualTo(2048);
                // There is nothing to set that would help.
                assertThat(e.settings()).isEmpty();
              });
    }
  }

  /** Scaling by length turns all keys of a longer context otherwise, short texts' too. */
  @Test
  void aContextBeyondTheTrainedOneIsAskedFor() throws IOException {
    Path model = model("qwen2", "cfg-sw-qwen2-nouse");
    replaceInConfig(
        "\"max_position_embeddings\": 4096",
        "\"max_position_embeddings\": 64, \"rope_scaling\": {\"type\": \"dynamic\", \"factor\":"
            + " 2}");
    int[] plain;
    try (Resa resa = open(model)) {
      assertThat(resa.info().engine().options().contextLength()).isEqualTo(64);
      plain = written(resa, prompt(40), 12);
    }
    try (Resa resa = Resa.builder(model).engine("jvm").contextLength(128).build()) {
      assertThat(written(resa, prompt(100), 12)).hasSize(12);
      assertThat(written(resa, prompt(40), 12)).isNotEqualTo(plain);
    }
    assertThatThrownBy(() -> Resa.builder(model).engine("jvm").contextLength(129).build())
        .isInstanceOf(LimitException.class);
  }

  @Test
  void biasesAreAddedWhereTheyAreConfigured() throws IOException {
    int[] prompt = IntStream.range(3, 23).toArray();
    Path model = model("llama3", "w-bias-llama-true");
    try (Resa resa = open(model)) {
      assertThat(written(resa, prompt, 12))
          .containsExactly(24, 355, 296, 187, 355, 141, 91, 393, 54, 202, 373, 355);
    }
    replaceInConfig("\"attention_bias\": true", "\"attention_bias\": false");
    try (Resa resa = open(model)) {
      assertThat(written(resa, prompt, 12))
          .containsExactly(17, 187, 384, 102, 33, 104, 428, 239, 187, 296, 149, 384);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.8})
  void aWeightThatIsNoNumberIsNamed(double temperature) throws IOException {
    Sampling sampling = new Sampling(temperature, 0, 1, 0, 1, 7);
    GenerationOptions options = dense(8).withSampling(sampling);
    try (Resa resa = open(model("mistral", "w-nan"))) {
      GenerationHandle text = resa.submit(request(prompt(20), options));
      assertThatThrownBy(text::join)
          .isInstanceOf(NonFiniteException.class)
          .hasMessageContaining("tensor model.norm.weight at index 0 is NaN or infinite");
      // The next text hears the same, not of what the first left behind.
      assertThatThrownBy(() -> resa.submit(request(prompt(20), options)).join())
          .isInstanceOf(NonFiniteException.class);
    }
  }

  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    Path model = model("qwen2", "lfs-pointer");
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Git LFS");
    put(Golden.model("qwen2").resolve("model.safetensors"));
    Files.copy(
        cases("lfs-pointer/model.safetensors"),
        directory.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Git LFS");
  }

  @Test
  void theConfigurationOfTheTokenizerSaysWhatBeginsAText() throws IOException {
    put(cases("bos-from-tokenizer-config/tokenizer.json"));
    put(cases("bos-from-tokenizer-config/tokenizer_config.json"));
    var tokenizer = org.resa4j.tokenizer.Tokenizer.load(directory);
    assertThat(tokenizer.encode("Hello world", true)).startsWith(1, 259);
    assertThat(tokenizer.encode("Hello world", false)).startsWith(259);
  }

  @Test
  void tokensThatOnlyTheOlderMapNamesAreTheTemplates() {
    var template =
        org.resa4j.tokenizer.ChatTemplate.load(cases("special-tokens-map")).orElseThrow();
    assertThat(template.render(List.of(Message.user("x")), true)).isEqualTo("<s>[user] x</s>");
  }

  @Test
  void endTokensThatOnlyOneFileNamesStop() throws IOException {
    Path model = model("qwen2", "cfg-sw-qwen2-nouse");
    int[] free;
    try (Resa resa = open(model)) {
      free = written(resa, prompt(60), 64);
      assertThat(resa.info().model().endOfText()).containsExactly(425);
    }
    int last = 0;
    String word;
    try (Checkpoint checkpoint = Checkpoint.load(model)) {
      do {
        word = checkpoint.tokenizer().decode(free, ++last, last + 1, true);
      } while (!word.matches("[!-~&&[^\"\\\\]]+") || !isNew(free, last));
      assertThat(checkpoint.tokenizer().tokenId(word)).hasValue(free[last]);
    }
    int[] text = Arrays.copyOf(free, last + 1);
    String json = "{\"eos_token\": \"%s\"}".formatted(word);
    for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      Files.writeString(directory.resolve(file), json);
      checkStops(model, text, dense(64).withStopAtEndOfText(true));
      try (Resa resa = open(model)) {
        assertThat(resa.info().settings())
            .contains(
                new SettingOrigin("eos_token", word, file),
                new SettingOrigin("eos_token_id", "[425]", "config.json"));
      }
      Files.delete(directory.resolve(file));
    }
    Files.writeString(
        directory.resolve("generation_config.json"),
        "{\"eos_token_id\": [1, %d]}".formatted(free[last]));
    checkStops(model, text, dense(64).withStopAtEndOfText(true));
    Files.delete(directory.resolve("generation_config.json"));
    checkStops(model, text, dense(64).withStopTokens(Set.of(free[last])));
    Files.writeString(
        directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"no such token\"}");
    assertThatThrownBy(() -> open(model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer_config.json: eos_token \"no such token\" is no token");
  }

  private static boolean isNew(int[] tokens, int index) {
    return Arrays.stream(tokens, 0, index).noneMatch(token -> token == tokens[index]);
  }

  /** The last token ends the text and is no part of it. */
  private static void checkStops(Path model, int[] expected, GenerationOptions options) {
    try (Resa resa = open(model)) {
      Generation text = resa.submit(request(prompt(60), options)).join();
      assertThat(text.tokens().stream().mapToInt(GeneratedToken::id).toArray()).isEqualTo(expected);
      assertThat(text.text())
          .isEqualTo(resa.tokenizer().decode(expected, 0, expected.length - 1, false));
      assertThat(text.finish())
          .isEqualTo(
              options.stopTokens().isEmpty() ? FinishReason.END_OF_TEXT : FinishReason.STOP_STRING);
    }
  }

  /**
   * A file that is cut while it is mapped would end the process where what was cut off is read: so
   * that is refused before; a copy goes on.
   */
  @Test
  void aFileThatIsCutWhileItIsInUseIsRefused() throws IOException {
    Path model = model("qwen2", "cfg-sw-qwen2-nouse");
    int[] expected;
    try (Resa resa = open(model)) {
      expected = written(resa, prompt(60), 6);
      cut();
      assertThatThrownBy(() -> resa.submit(request(prompt(60), dense(6))))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("model.safetensors: was written while it is in use");
    }
    model("qwen2", "cfg-sw-qwen2-nouse");
    try (Resa resa = Resa.builder(model).engine("jvm").weightAccess(WeightAccess.COPIED).build()) {
      cut();
      assertThat(written(resa, prompt(60), 6)).isEqualTo(expected);
    }
  }

  private void cut() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
      channel.truncate(4096);
    }
  }

  @Test
  void aCheckpointServesTwice() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.load(model("qwen2", "cfg-sw-qwen2-nouse"));
        Resa one = Resa.builder(checkpoint).engine("jvm").build();
        Resa two = Resa.builder(checkpoint).engine("jvm").build()) {
      assertThat(written(one, prompt(60), 6)).isEqualTo(written(two, prompt(60), 6));
    }
  }
}
