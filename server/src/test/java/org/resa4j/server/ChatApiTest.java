package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.GenerationOptions;
import org.resa4j.tokenizer.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Chats over HTTP. */
class ChatApiTest {
  private static final String CHAT = "/v1/chat/completions";

  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void close() {
    served.close();
  }

  private static String content(JsonNode answer, int choice) {
    return answer.path("choices").path(choice).path("message").path("content").asString();
  }

  private static ObjectNode with(String message, String json) {
    ObjectNode request = Served.chat(message);
    request.setAll((ObjectNode) Served.json(json));
    return request;
  }

  @Test
  void theAnswerIsTheModels() {
    JsonNode answer = served.ask(CHAT, Served.chat("Hello").toString());
    GenerationOptions options = served.resa.defaults().withMaxTokens(20);
    String expected = served.resa.chat(List.of(Message.user("Hello")), options).text();
    assertThat(content(answer, 0)).isEqualTo(expected).isNotEmpty();
    assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
    assertThat(answer.path("id").asString()).startsWith("chatcmpl-");
    assertThat(answer.path("model").asString()).isEqualTo(Served.MODEL);
    assertThat(answer.path("choices").path(0).path("finish_reason").asString()).isEqualTo("length");
    JsonNode usage = answer.path("usage");
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(20);
    assertThat(usage.path("prompt_tokens").asInt()).isGreaterThan(5);
    assertThat(usage.path("total_tokens").asInt())
        .isEqualTo(usage.path("prompt_tokens").asInt() + 20);
  }

  @Test
  void whatStreamsIsWhatComesWhole() {
    ObjectNode request = with("Hello", "{\"temperature\": 1, \"n\": 3, \"logprobs\": true}");
    JsonNode whole = served.ask(CHAT, request.toString());
    request.put("stream", true);
    request.putObject("stream_options").put("include_usage", true);
    List<JsonNode> events = served.stream(CHAT, request.toString());
    for (int i = 0; i < 3; i++) {
      StringBuilder text = new StringBuilder();
      StringBuilder tokens = new StringBuilder();
      String finish = null;
      for (JsonNode event : events) {
        JsonNode choice = event.path("choices").path(0);
        if (choice.path("index").asInt(-1) == i) {
          text.append(choice.path("delta").path("content").asString(""));
          choice
              .path("logprobs")
              .path("content")
              .forEach(each -> tokens.append(each.path("token").asString()));
          assertThat(finish).as("nothing after the end").isNull();
          finish = choice.path("finish_reason").asString(null);
        }
      }
      assertThat(text).hasToString(content(whole, i));
      assertThat(finish).isEqualTo(whole.path("choices").path(i).path("finish_reason").asString());
      StringBuilder expected = new StringBuilder();
      whole
          .path("choices")
          .path(i)
          .path("logprobs")
          .path("content")
          .forEach(each -> expected.append(each.path("token").asString()));
      assertThat(tokens).hasToString(expected.toString());
    }
    assertThat(events.getFirst().path("choices").path(0).path("delta").path("role").asString())
        .isEqualTo("assistant");
    JsonNode usage = events.getLast().path("usage");
    assertThat(events.getLast().path("choices")).isEmpty();
    assertThat(usage.path("completion_tokens"))
        .isEqualTo(whole.path("usage").path("completion_tokens"));
    assertThat(events.getFirst().path("object").asString()).isEqualTo("chat.completion.chunk");
  }

  @Test
  void withoutUsageAskedForThereIsNone() {
    List<JsonNode> events = served.stream(CHAT, with("Hello", "{\"stream\": true}").toString());
    assertThat(events).noneMatch(event -> event.has("usage"));
    assertThat(events).allMatch(event -> event.path("choices").size() == 1);
  }

  @Test
  void aSeedRepeatsItsTextsAndTextsDiffer() {
    String request = with("Hi", "{\"temperature\": 1.5, \"n\": 4, \"seed\": 7}").toString();
    JsonNode first = served.ask(CHAT, request);
    assertThat(served.ask(CHAT, request).path("choices")).isEqualTo(first.path("choices"));
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      texts.add(content(first, i));
    }
    assertThat(texts).hasSizeGreaterThan(1);
    ObjectNode unseeded = with("Hi", "{\"temperature\": 1.5}");
    unseeded.remove("seed");
    assertThat(content(served.ask(CHAT, unseeded.toString()), 0))
        .isNotEqualTo(content(served.ask(CHAT, unseeded.toString()), 0));
  }

  @Test
  void aStopStringEndsTheAnswerBeforeIt() {
    String whole = content(served.ask(CHAT, Served.chat("Hello").toString()), 0);
    String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);
    ObjectNode request = Served.chat("Hello");
    request.putArray("stop").add("never there").add(stop);
    JsonNode answer = served.ask(CHAT, request.toString());
    assertThat(content(answer, 0)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(answer.path("choices").path(0).path("finish_reason").asString()).isEqualTo("stop");
    request.put("stream", true);
    StringBuilder streamed = new StringBuilder();
    for (JsonNode event : served.stream(CHAT, request.toString())) {
      streamed.append(event.path("choices").path(0).path("delta").path("content").asString(""));
    }
    assertThat(streamed).hasToString(content(answer, 0));
  }

  @Test
  void probabilitiesComeWithTheLikeliest() {
    JsonNode answer =
        served.ask(CHAT, with("Hello", "{\"logprobs\": true, \"top_logprobs\": 3}").toString());
    JsonNode tokens = answer.path("choices").path(0).path("logprobs").path("content");
    assertThat(tokens.size()).isEqualTo(20);
    for (JsonNode token : tokens) {
      assertThat(token.path("top_logprobs").size()).isEqualTo(3);
      // Greedy: the first is the one chosen.
      assertThat(token.path("top_logprobs").path(0).path("logprob").asDouble())
          .isCloseTo(token.path("logprob").asDouble(), within(1e-9));
    }
    assertThat(
            served
                .ask(CHAT, Served.chat("Hello").toString())
                .path("choices")
                .path(0)
                .path("logprobs")
                .isNull())
        .isTrue();
  }

  @Test
  void whatWasReadBeforeIsCached() {
    String beginning = "one two three four five six seven eight nine ten ".repeat(10);
    served.ask(CHAT, Served.chat(beginning).toString());
    JsonNode usage = served.ask(CHAT, Served.chat(beginning + "more").toString()).path("usage");
    assertThat(usage.path("prompt_tokens_details").path("cached_tokens").asInt())
        .isGreaterThan(100)
        .isLessThan(usage.path("prompt_tokens").asInt());
  }

  @Test
  void attentionCanBeSetForARequest() {
    for (String settings :
        List.of(
            "{\"exact\": true}",
            "{\"keep_ratio\": 0.5, \"rectify_every\": 8}",
            "{\"rectify_every\": \"auto\"}",
            "{\"rectify_every\": 0, \"exact\": false}")) {
      assertThat(content(served.ask(CHAT, with("Hello", settings).toString()), 0)).isNotEmpty();
    }
    // Longer than what is always kept, so that it drafts.
    ObjectNode exact = with("word ".repeat(400), "{\"exact\": true}");
    double before = served.metric("resa_drafted_tokens_total");
    served.ask(CHAT, exact.toString());
    assertThat(served.metric("resa_drafted_tokens_total")).isGreaterThan(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frequency_penalty | 0.5",
        "presence_penalty | 1",
        "logit_bias | {\"5\": 1}",
        "functions | []",
        "modalities | [\"audio\"]",
        "reasoning_effort | \"low\"",
        "verbosity | \"low\"",
        "audio | {}",
        "web_search_options | {}",
        "parallel_tool_calls | false",
        "something_else | 1"
      })
  void whatChangesTheResultAndIsNotThereIsRefusedByName(String field, String value) {
    ObjectNode request = Served.chat("Hello");
    request.set(field, Served.json(value));
    JsonNode error = served.refused(400, CHAT, request.toString());
    assertThat(error.path("param").asString()).isEqualTo(field);
    assertThat(error.path("message").asString()).contains(field);
    assertThat(error.path("code").asString()).isEqualTo("unsupported_parameter");
  }

  @Test
  void whatChangesNothingIsPassedOver() {
    String settings =
        "{\"user\": \"u\", \"metadata\": {\"a\": \"b\"}, \"store\": true, \"service_tier\":"
            + " \"auto\", \"frequency_penalty\": 0, \"presence_penalty\": 0, \"logit_bias\": {},"
            + " \"modalities\": [\"text\"], \"response_format\": {\"type\": \"text\"}, \"tools\":"
            + " null, \"tool_choice\": null, \"stop\": null, \"whatever\": null}";
    assertThat(content(served.ask(CHAT, with("Hello", settings).toString()), 0))
        .isEqualTo(content(served.ask(CHAT, Served.chat("Hello").toString()), 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "temperature | 3 | temperature",
        "temperature | \"hot\" | temperature",
        "top_p | 0 | top_p",
        "top_k | -1 | top_k",
        "n | 0 | n",
        "n | 1.5 | n",
        "seed | 1e30 | seed",
        "stop | [\"\"] | stop",
        "stop | 3 | stop",
        "max_tokens | 0 | max_tokens",
        "max_completion_tokens | 7 | max_tokens",
        "top_logprobs | 2 | top_logprobs",
        "logprobs | 1 | logprobs",
        "keep_ratio | 0 | keep_ratio",
        "rectify_every | \"often\" | rectify_every",
        "rectify_every | -3 | rectify_every",
        "messages | [] | messages",
        "messages | {} | messages",
        "messages | [1] | messages[0]",
        "messages | [{\"role\": \"user\"}] | messages[0].content",
        "messages | [{\"role\": \"wizard\", \"content\": \"x\"}] | messages[0].role",
        "messages | [{\"role\": \"tool\", \"content\": \"x\"}] | messages[0].tool_call_id",
        "messages | [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}] |"
            + " messages[0].content[0].type",
        "stream_options | {\"include_usage\": true} | stream_options",
        "chat_template_kwargs | {\"messages\": []} | chat_template_kwargs.messages",
        "tool_choice | \"required\" | tool_choice"
      })
  void aWrongValueIsRefusedWithItsField(String field, String value, String param) {
    ObjectNode request = Served.chat("Hello");
    request.set(field, Served.json(value));
    JsonNode error = served.refused(400, CHAT, request.toString());
    assertThat(error.path("param").asString()).isEqualTo(param);
    assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
  }

  @Test
  void anotherModelIsNotServed() {
    ObjectNode request = Served.chat("Hello").put("model", "gpt-9");
    JsonNode error = served.refused(404, CHAT, request.toString());
    assertThat(error.path("code").asString()).isEqualTo("model_not_found");
    request.remove("model");
    served.ask(CHAT, request.toString());
  }

  @Test
  void aPromptBeyondTheContextIsRefused() {
    JsonNode error = served.refused(400, CHAT, Served.chat("word ".repeat(5000)).toString());
    assertThat(error.path("code").asString()).isEqualTo("context_length_exceeded");
    assertThat(error.path("param").asString()).isEqualTo("messages");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\": 1, \"a\": 2}", "{} {}", "null", "\"x\""})
  void whatIsNoJsonObjectIsRefused(String body) {
    assertThat(served.refused(400, CHAT, body).path("code").asString()).isEqualTo("invalid_json");
  }

  @Test
  void templateVariablesArePlainDataAndReachTheTemplate() {
    ObjectNode request = with("Hello", "{\"chat_template_kwargs\": {\"enable_thinking\": false}}");
    int with = served.ask(CHAT, request.toString()).path("usage").path("prompt_tokens").asInt();
    int without =
        served
            .ask(CHAT, Served.chat("Hello").toString())
            .path("usage")
            .path("prompt_tokens")
            .asInt();
    assertThat(with).isGreaterThan(without);
  }
}
