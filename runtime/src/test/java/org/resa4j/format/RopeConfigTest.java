package org.resa4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.model.Rope;
import tools.jackson.databind.JsonNode;

class RopeConfigTest {
  private static final int HEAD_DIM = 64;

  private static RopeConfig read(JsonNode config) {
    return RopeConfig.read(
        new JsonObject("config.json", config),
        HEAD_DIM,
        config.path("max_position_embeddings").asInt(4096));
  }

  private static RopeConfig read(String config) {
    return read(Json.parse(Path.of("config.json"), config));
  }

  @TestFactory
  Stream<DynamicTest> frequenciesAreTheReferenceLibrarys() {
    JsonNode cases = Json.read(Golden.file("rope/frequencies.json")).path("cases");
    assertThat(cases.size()).isGreaterThan(25);
    return StreamSupport.stream(cases.spliterator(), false)
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.path("name").asString() + ", " + each.path("context"), () -> check(each)));
  }

  private static void check(JsonNode golden) {
    Rope rope = read(golden.path("config")).rope().forContext(golden.path("context").asInt());
    assertThat((double) rope.attentionFactor())
        .isCloseTo(golden.path("attention_factor").asDouble(), within(1e-6));
    JsonNode expected = golden.path("inverse_frequencies");
    assertThat(rope.pairs()).isEqualTo(expected.size());
    for (int j = 0; j < rope.pairs(); j++) {
      // The library computes them in single precision.
      double frequency = expected.get(j).asDouble();
      assertThat((double) rope.inverseFrequencies()[j])
          .as("pair " + j)
          .isCloseTo(frequency, within(2e-6 * frequency));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|4096",
        "{`rope_scaling`: {`type`: `linear`, `factor`: 4}}|16384",
        "{`rope_scaling`: {`type`: `dynamic`, `factor`: 2.5}}|10240",
        "{`rope_scaling`: {`type`: `yarn`, `factor`: 4, `original_max_position_embeddings`:"
            + " 2048}}|8192",
        "{`rope_scaling`: {`type`: `yarn`, `factor`: 4}}|16384",
        "{`rope_scaling`: {`rope_type`: `llama3`, `factor`: 8, `low_freq_factor`: 1,"
            + " `high_freq_factor`: 4, `original_max_position_embeddings`: 512}}|4096",
        "{`rope_scaling`: {`type`: `linear`, `factor`: 1e9}}|2147483647",
      })
  void theContextFollowsTheFactor(String config, int context) {
    assertThat(read(config.replace('`', '"')).maxContext()).isEqualTo(context);
  }

  @Test
  void theOlderKeyWinsOverANewerOneThatDoesNotScale() {
    RopeConfig both =
        read(
            """
            {"rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
             "rope_scaling": {"rope_type": "linear", "factor": 2}}
            """);
    assertThat(both.rope().inverseFrequencies()[1])
        .isCloseTo((float) Math.pow(1e6, -2.0 / HEAD_DIM) / 2, within(1e-7f));
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"rope_parameters": {"rope_type": "linear", "factor": 4},
                     "rope_scaling": {"rope_type": "linear", "factor": 2}}
                    """))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("contradict");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'rope_theta': 'abc'}|rope_theta must be a number above 0, is \"abc\"",
        "{'rope_theta': null}|rope_theta must be a number above 0, is null",
        "{'rope_theta': 0}|rope_theta must be a number above 0, is 0",
        "{'rope_theta': -5}|rope_theta must be",
        "{'rope_theta': 1e999}|rope_theta must be",
        "{'rope_theta': NaN}|rope_theta must be",
        "{'rope_scaling': {'rope_type': null, 'factor': 8}}|rope_type must be text, is null",
        "{'rope_scaling': {'factor': 8}}|rope_type must be text, since there are [factor]",
        "{'rope_scaling': 'yarn'}|rope_scaling must be an object",
        "{'rope_scaling': {'type': 'su', 'factor': 8}}|type must be default, linear,",
        "{'rope_scaling': {'type': 'yarn', 'rope_type': 'linear', 'factor': 8}}|rope_type must be"
            + " what",
        "{'rope_scaling': {'type': 'linear'}}|factor must be a number above 0, is missing",
        "{'rope_scaling': {'type': 'linear', 'factor': '4'}}|factor must be a number above 0",
        "{'rope_scaling': {'type': 'linear', 'factor': 0.5}}|factor must be at least 1",
        "{'rope_scaling': {'type': 'yarn', 'factor': 4, 'beta_fast': 'x'}}|beta_fast must be",
        "{'rope_scaling': {'type': 'yarn', 'factor': 4, 'truncate': 1}}|truncate must be true",
        "{'rope_scaling': {'type': 'yarn', 'factor': 4, 'original_max_position_embeddings':"
            + " 0}}|original_max",
        "{'rope_scaling': {'type': 'longrope', 'short_factor': [1], 'long_factor': [1]}}|a list of"
            + " 32",
        "{'rope_scaling': {'type': 'longrope', 'short_factor': 1, 'long_factor': [1]}}|a list of"
            + " numbers",
        "{'rope_scaling': {'type': 'longrope', 'long_factor': [1]}}|a list of numbers above 0, is"
            + " missing",
        "{'rope_scaling': {'type': 'llama3', 'factor': 8}}|low_freq_factor must be",
        "{'rope_scaling': {'type': 'llama3', 'factor': 8, 'low_freq_factor': 4, 'high_freq_factor':"
            + " 4}}|above",
        "{'rope_theta': 1, 'rope_scaling': {'type': 'yarn', 'factor': 4}}|yarn needs a rope_theta",
        "{'rope_parameters': {'rope_theta': 1e4}, 'rope_scaling': {'rope_theta': 5e5}}|contradict",
        "{'partial_rotary_factor': 0.5}|partial_rotary_factor is not supported",
        "{'rope_scaling': {'full_attention': {'rope_type': 'default'}}}|rope_type must be text",
      })
  void whatIsNotUnderstoodIsRefused(String config, String message) {
    assertThatThrownBy(() -> read(config.replace('\'', '"')))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }
}
