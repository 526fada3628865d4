package org.resa4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.attention.ResaConfig;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.MetadataOnly;
import org.resa4j.generate.Sampling;

/** What a model directory says about writing with its model. */
class ModelDefaultsTest {
  @TempDir private Path directory;

  private ModelDefaults with(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
    return ModelDefaults.read(directory);
  }

  @Test
  void withoutFilesTheDefaultsHold() {
    ModelDefaults defaults = ModelDefaults.read(directory);
    assertThat(defaults.attention()).isEqualTo(ResaConfig.DEFAULT);
    assertThat(defaults.sampling()).isEqualTo(Sampling.GREEDY);
    assertThat(defaults.settings()).extracting(SettingOrigin::origin).containsOnly("default");
  }

  @Test
  void bothFilesAreReadAndNamed() throws IOException {
    with("resa.json", "{\"block_size\": 4, \"keep_ratio\": 0.2, \"rectify_every\": \"auto:0.05\"}");
    ModelDefaults defaults =
        with(
            "generation_config.json",
            "{\"do_sample\": true, \"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.95,"
                + " \"repetition_penalty\": 1.05, \"eos_token_id\": [1, 2], \"max_length\": 9}");
    assertThat(defaults.attention().blockSize()).isEqualTo(4);
    assertThat(defaults.attention().keepRatio()).isEqualTo(0.2);
    assertThat(defaults.attention().minBlocks()).isEqualTo(16);
    assertThat(defaults.attention().rectification()).isEqualTo("auto:0.05");
    assertThat(defaults.sampling()).isEqualTo(new Sampling(0.6, 20, 0.95, 0, 1.05, 0));
    assertThat(defaults.settings())
        .contains(
            new SettingOrigin("keep_ratio", "0.2", "resa.json"),
            new SettingOrigin("min_blocks", "16", "default"),
            new SettingOrigin("temperature", "0.6", "generation_config.json"),
            new SettingOrigin("min_p", "0.0", "default"));
  }

  @Test
  void withoutDoSampleTheLikeliestTokenIsTaken() throws IOException {
    assertThat(with("generation_config.json", "{\"temperature\": 0.6}").sampling())
        .isEqualTo(Sampling.GREEDY);
    assertThat(with("generation_config.json", "{\"do_sample\": true}").sampling())
        .isEqualTo(new Sampling(1, 0, 1, 0));
    assertThat(with("generation_config.json", "{\"do_sample\": null}").sampling())
        .isEqualTo(Sampling.GREEDY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resa.json|{\"keep_ratio\": \"x\"}|keep_ratio must be a number",
        "resa.json|{\"keep_ratio\": 0}|keepRatio",
        "resa.json|{\"block_size\": 4.5}|block_size must be a whole number",
        "resa.json|{\"block_size\": 99999999999}|block_size must be a whole number",
        "resa.json|{\"rectify_every\": \"often\"}|auto:TARGET",
        "resa.json|{\"rectify_every\": true}|rectify_every must be",
        "resa.json|{\"keep_ratio\": NaN}|keep_ratio must be a number",
        "resa.json|{\"keep_ratio\": 0.1, \"keep_ratio\": 1}|uplicate",
        "resa.json|{\"block_size\": 2147483647, \"local_blocks\": -1}|localBlocks",
        "resa.json|{\"keep_ration\": 0.2}|no setting keep_ration",
        "resa.json|{\"exact\": true, \"rectify_every\": 16}|drop rectify_every",
        "resa.json|{\"exact\": false, \"draft\": 8}|add \"exact\": true",
        "resa.json|{\"draft\": 8}|add \"exact\": true",
        "generation_config.json|{\"num_beams\": 4}|num_beams must be 1, or missing",
        "generation_config.json|{\"no_repeat_ngram_size\": 3}|no_repeat_ngram_size must be 0",
        "generation_config.json|{\"suppress_tokens\": [7]}|suppress_tokens must be null",
        "generation_config.json|{\"do_sample\": \"yes\"}|do_sample must be true or false",
        "generation_config.json|{\"do_sample\": true, \"temperature\": \"hot\"}|temperature",
        "generation_config.json|{\"do_sample\": true, \"top_p\": 7}|topP",
        "generation_config.json|{\"do_sample\": true, \"top_k\": -1}|topK"
      })
  void whatIsNotUnderstoodIsRefusedWithFileAndName(String file, String json, String message) {
    assertThatThrownBy(() -> with(file, json))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(message);
  }

  private ModelDefaults gguf(Consumer<GgufWriter> keys) throws IOException {
    GgufWriter writer = new GgufWriter();
    writer.put("general.architecture", "llama");
    keys.accept(writer);
    Path file = directory.resolve("model.gguf");
    writer.write(file);
    return ModelDefaults.of(MetadataOnly.of(file));
  }

  @Test
  void aGgufFilesSamplingIsTaken() throws IOException {
    ModelDefaults defaults =
        gguf(
            writer -> {
              writer.put("general.sampling.temp", 0.6f);
              writer.put("general.sampling.top_k", 20);
              writer.put("general.sampling.top_p", 0.95f);
              writer.put("general.sampling.mirostat", 0);
            });
    assertThat(defaults.sampling()).isEqualTo(new Sampling(0.6, 20, 0.95, 0, 1, 0));
    assertThat(defaults.settings())
        .contains(
            new SettingOrigin("temperature", "0.6", "general.sampling"),
            new SettingOrigin("min_p", "0.0", "default"));
    assertThat(gguf(writer -> writer.put("general.sampling.top_k", 20)).sampling())
        .isEqualTo(Sampling.GREEDY);
    assertThat(
            gguf(writer -> {
                  writer.put("general.sampling.temp", 0.6f);
                  writer.put("generation_config.json", "{\"do_sample\": false}");
                })
                .sampling())
        .isEqualTo(Sampling.GREEDY);
  }

  @Test
  void aGgufFilesSamplingThatIsNotDoneIsRefused() {
    assertThatThrownBy(() -> gguf(writer -> writer.put("general.sampling.mirostat", 2)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("general.sampling.mirostat")
        .hasMessageContaining("not supported");
    assertThatThrownBy(() -> gguf(writer -> writer.put("general.sampling.xtc_probability", 0.5f)))
        .hasMessageContaining("general.sampling.xtc_probability");
    assertThatThrownBy(
            () ->
                gguf(
                    writer -> {
                      writer.put("general.sampling.temp", 1f);
                      writer.put("general.sampling.top_p", 1.5f);
                    }))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("topP must be in (0, 1], was 1.5");
  }
}
