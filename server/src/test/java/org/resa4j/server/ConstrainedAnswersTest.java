package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.cli.ModelFlags;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A model of random weights writes JSON and calls tools, since nothing else is allowed. */
class ConstrainedAnswersTest {
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

  private static ObjectNode request(String json) {
    ObjectNode request = Served.chat("Hello").put("max_tokens", 400);
    request.setAll((ObjectNode) Served.json(json));
    return request;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"temperature\": 1}",
        "{\"temperature\": 1.3, \"top_p\": 0.9, \"top_k\": 50}",
        "{\"temperature\": 1, \"exact\": true}",
        "{\"temperature\": 1, \"keep_ratio\": 0.3, \"rectify_every\": 8}"
      })
  void answersAreJsonObjects(String settings) {
    ObjectNode request = request(settings);
    request.putObject("response_format").put("type", "json_object");
    request.put("n", 10);
    int complete = 0;
    for (JsonNode choice : served.ask(CHAT, request.toString()).path("choices")) {
      String text = choice.path("message").path("content").asString();
      if (choice.path("finish_reason").asString().equals("stop")) {
        assertThat(Served.json(text).isObject()).as(text).isTrue();
        complete++;
      }
    }
    assertThat(complete).isPositive();
  }

  @Test
  void jsonOfExactModeIsDenseDecodings() {
    ObjectNode request = request("{\"temperature\": 1, \"keep_ratio\": 1, \"rectify_every\": 0}");
    request.putObject("response_format").put("type", "json_object");
    ((ObjectNode) request.path("messages").path(0)).put("content", "word ".repeat(400));
    JsonNode dense = served.ask(CHAT, request.toString()).path("choices");
    request.remove("rectify_every");
    request.put("keep_ratio", 0.05).put("exact", true);
    assertThat(served.ask(CHAT, request.toString()).path("choices")).isEqualTo(dense);
  }

  private static final String TOOLS =
      """
      {"temperature": 1, "tools": [
        {"type": "function", "function": {"name": "get_weather", "description": "Weather",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
        {"type": "function", "function": {"name": "get_time"}}]}
      """;

  @Test
  void aToolThatMustBeCalledIs() {
    ObjectNode request = request(TOOLS);
    request
        .putObject("tool_choice")
        .put("type", "function")
        .putObject("function")
        .put("name", "get_time");
    JsonNode choice = served.askUntilItEnds(CHAT, request).path("choices").path(0);
    assertThat(choice.path("finish_reason").asString()).isEqualTo("tool_calls");
    assertThat(choice.path("message").path("content").isNull()).isTrue();
    JsonNode calls = choice.path("message").path("tool_calls");
    assertThat(calls.size()).isEqualTo(1);
    JsonNode function = calls.path(0).path("function");
    assertThat(function.path("name").asString()).isEqualTo("get_time");
    assertThat(Served.json(function.path("arguments").asString()).isObject()).isTrue();
    assertThat(calls.path(0).path("id").asString()).startsWith("call_");
    // The same in pieces.
    request.put("stream", true);
    List<JsonNode> events = served.stream(CHAT, request.toString());
    JsonNode streamed =
        events.stream()
            .map(event -> event.path("choices").path(0).path("delta").path("tool_calls").path(0))
            .filter(JsonNode::isObject)
            .findFirst()
            .orElseThrow();
    assertThat(streamed.path("index").asInt(-1)).isZero();
    assertThat(streamed.path("function")).isEqualTo(function);
    assertThat(events.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("tool_calls");
  }

  @Test
  void oneOfTheToolsIsCalledWhereOneMustBe() {
    ObjectNode request = request(TOOLS).put("tool_choice", "required");
    JsonNode message = served.askUntilItEnds(CHAT, request).path("choices").path(0).path("message");
    assertThat(message.path("tool_calls").path(0).path("function").path("name").asString())
        .isIn("get_weather", "get_time");
  }

  @Test
  void callsAndResultsAreReadBack() {
    ObjectNode request = request(TOOLS).put("max_tokens", 5);
    request
        .withArray("messages")
        .add(
            Served.json(
                """
                {"role": "assistant", "content": null, "tool_calls": [{"id": "c1",
                  "type": "function",
                  "function": {"name": "get_time", "arguments": "{\\"zone\\": \\"utc\\"}"}}]}
                """))
        .add(Served.json("{\"role\": \"tool\", \"tool_call_id\": \"c1\", \"content\": \"noon\"}"));
    int with = served.ask(CHAT, request.toString()).path("usage").path("prompt_tokens").asInt();
    int without =
        served
            .ask(CHAT, request(TOOLS).put("max_tokens", 5).toString())
            .path("usage")
            .path("prompt_tokens")
            .asInt();
    assertThat(with).isGreaterThan(without + 20);
    request.put("tool_choice", "none");
    assertThat(served.ask(CHAT, request.toString()).path("usage").path("prompt_tokens").asInt())
        .isLessThan(with - 50);
  }

  @Test
  void toolsAreChecked() {
    for (String[] wrong :
        new String[][] {
          {"[{\"type\": \"web\"}]", "tools[0].type"},
          {"[{\"type\": \"function\"}]", "tools[0].function"},
          {
            "[{\"type\": \"function\", \"function\": {\"name\": \"a b\"}}]",
            "tools[0].function.name"
          },
          {
            "[{\"type\": \"function\", \"function\": {\"name\": \"a\", \"strict\": true}}]",
            "tools[0].function.strict"
          }
        }) {
      ObjectNode request = Served.chat("Hi");
      request.set("tools", Served.json(wrong[0]));
      assertThat(served.refused(400, CHAT, request.toString()).path("param").asString())
          .isEqualTo(wrong[1]);
    }
    ObjectNode both = request(TOOLS);
    both.putObject("response_format").put("type", "json_object");
    assertThat(served.refused(400, CHAT, both.toString()).path("param").asString())
        .isEqualTo("response_format");
  }

  /** A model whose vocabulary has no braces, and whose template has neither tools nor thoughts. */
  @Test
  void whatAModelCannotDoIsRefused(@TempDir Path directory) throws IOException {
    for (String file :
        List.of(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "resa.json")) {
      Files.copy(ModelFlags.shipped().resolve(file), directory.resolve(file));
    }
    try (Served clerk = Served.start(directory, b -> b.contextLength(512), o -> o)) {
      assertThat(clerk.refused(400, CHAT, Served.chat("#1").toString()).path("message").asString())
          .contains("no chat template");
    }
    Files.writeString(
        directory.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.content }} {% endfor %}");
    try (Served clerk = Served.start(directory, b -> b.contextLength(512), o -> o)) {
      ObjectNode json = Served.chat("#1");
      json.putObject("response_format").put("type", "json_object");
      assertThat(clerk.refused(400, CHAT, json.toString()).path("param").asString())
          .isEqualTo("response_format");
      ((ObjectNode) json.path("response_format"))
          .put("type", "json_schema")
          .set("json_schema", Served.json("{\"name\": \"a\", \"schema\": {\"const\": 1}}"));
      JsonNode refused = clerk.refused(400, CHAT, json.toString());
      assertThat(refused.path("param").asString()).isEqualTo("response_format");
      assertThat(refused.path("message").asString()).contains("vocabulary");
      ObjectNode tools = Served.chat("#1");
      tools.set("tools", Served.json(TOOLS).path("tools"));
      assertThat(clerk.refused(400, CHAT, tools.toString()).path("param").asString())
          .isEqualTo("tools");
      assertThat(clerk.ask(CHAT, Served.chat("#1").toString()).path("choices").size()).isEqualTo(1);
    }
  }
}
