package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Texts over HTTP, and what else there is. */
class CompletionsApiTest {
  private static final String COMPLETIONS = "/v1/completions";

  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void close() {
    served.close();
  }

  @Test
  void theTextIsTheModels() {
    JsonNode answer =
        served.ask(
            COMPLETIONS, "{\"prompt\": \"Once upon\", \"max_tokens\": 12, \"model\": \"tiny\"}");
    String expected =
        served.resa.generate("Once upon", served.resa.defaults().withMaxTokens(12)).text();
    JsonNode choice = answer.path("choices").path(0);
    assertThat(choice.path("text").asString()).isEqualTo(expected);
    assertThat(choice.path("finish_reason").asString()).isEqualTo("length");
    assertThat(answer.path("object").asString()).isEqualTo("text_completion");
    // OpenAI's default.
    assertThat(
            served
                .ask(COMPLETIONS, "{\"prompt\": \"Once upon\"}")
                .path("usage")
                .path("completion_tokens")
                .asInt())
        .isEqualTo(16);
  }

  @Test
  void promptsMayBeTokensAndSeveral() {
    int[] tokens = served.resa.tokenizer().encode("Once upon", true);
    String list = Arrays.toString(tokens);
    String text =
        served
            .ask(COMPLETIONS, "{\"prompt\": \"Once upon\"}")
            .path("choices")
            .path(0)
            .path("text")
            .asString();
    JsonNode answer =
        served.ask(COMPLETIONS, "{\"prompt\": [\"Once upon\", %s], \"n\": 2}".formatted(list));
    assertThat(answer.path("choices").size()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      assertThat(answer.path("choices").path(i).path("index").asInt()).isEqualTo(i);
      assertThat(answer.path("choices").path(i).path("text").asString()).isEqualTo(text);
    }
    assertThat(answer.path("usage").path("prompt_tokens").asInt()).isEqualTo(2 * tokens.length);
    assertThat(answer.path("usage").path("completion_tokens").asInt()).isEqualTo(64);
  }

  @Test
  void whatStreamsIsWhatComesWhole() {
    String request = "{\"prompt\": \"Once\", \"logprobs\": 2, \"seed\": 3, \"temperature\": 1%s}";
    JsonNode whole = served.ask(COMPLETIONS, request.formatted("")).path("choices").path(0);
    List<JsonNode> events = served.stream(COMPLETIONS, request.formatted(", \"stream\": true"));
    StringBuilder text = new StringBuilder();
    StringBuilder tokens = new StringBuilder();
    for (JsonNode event : events) {
      JsonNode choice = event.path("choices").path(0);
      text.append(choice.path("text").asString());
      choice.path("logprobs").path("tokens").forEach(each -> tokens.append(each.asString()));
    }
    assertThat(text).hasToString(whole.path("text").asString());
    StringBuilder expected = new StringBuilder();
    whole.path("logprobs").path("tokens").forEach(each -> expected.append(each.asString()));
    assertThat(tokens).hasToString(expected.toString());
    assertThat(whole.path("logprobs").path("top_logprobs").path(0).size()).isEqualTo(2);
    assertThat(events.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo(whole.path("finish_reason").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | prompt",
        "{\"prompt\": []} | prompt",
        "{\"prompt\": 5} | prompt",
        "{\"prompt\": [1.5]} | prompt",
        "{\"prompt\": [99999]} | prompt",
        "{\"prompt\": \"\"} | prompt",
        "{\"prompt\": \"x\", \"best_of\": 3} | best_of",
        "{\"prompt\": \"x\", \"echo\": true} | echo",
        "{\"prompt\": \"x\", \"suffix\": \"y\"} | suffix",
        "{\"prompt\": \"x\", \"logprobs\": 6} | logprobs",
        "{\"prompt\": \"x\", \"messages\": []} | messages"
      })
  void whatCannotBeIsRefused(String body, String param) {
    assertThat(served.refused(400, COMPLETIONS, body).path("param").asString()).isEqualTo(param);
  }

  @Test
  void theModelIsListed() {
    JsonNode list = Served.json(served.get("/v1/models").body());
    assertThat(list.path("data").path(0).path("id").asString()).isEqualTo(Served.MODEL);
    assertThat(Served.json(served.get("/v1/models/tiny").body()))
        .isEqualTo(list.path("data").path(0));
    Served.error(404, served.get("/v1/models/other"));
  }

  @Test
  void whatIsNotThereIsSaidInTheSameForm() {
    Served.error(404, served.get("/v1/nothing"));
    Served.error(404, served.get("/nothing"));
    Served.error(405, served.get(COMPLETIONS));
    JsonNode error = served.refused(501, "/v1/embeddings", "{\"input\": \"x\"}");
    assertThat(error.path("message").asString()).contains("embeddings");
  }

  @Test
  void propsAndMetricsSayWhatThereIs() {
    JsonNode props = Served.json(served.get("/props").body());
    assertThat(props.path("context_length").asInt()).isEqualTo(4096);
    assertThat(props.path("parallel").asInt()).isEqualTo(4);
    assertThat(props.path("tool_calls").asBoolean()).isTrue();
    double before = served.metric("resa_generated_tokens_total");
    served.ask(COMPLETIONS, "{\"prompt\": \"Once upon\"}");
    assertThat(served.metric("resa_generated_tokens_total")).isEqualTo(before + 16);
    assertThat(served.metric("resa_time_to_first_token_seconds_count")).isPositive();
    assertThat(served.metric("resa_time_between_tokens_seconds_count")).isPositive();
    assertThat(served.metric("resa_cache_pages")).isPositive();
    assertThat(served.metric("resa_texts_running")).isBetween(0.0, 4.0);
    assertThat(served.metric("resa_requests_total{outcome=\"ok\"}")).isPositive();
    // Every line is a comment or a sample.
    assertThat(served.get("/metrics").body().lines())
        .allMatch(line -> line.matches("# (HELP|TYPE) .*|[a-z_]+(\\{[^}]*\\})? [0-9.E+-]+"));
  }
}
