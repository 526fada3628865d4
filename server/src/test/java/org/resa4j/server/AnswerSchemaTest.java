package org.resa4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A model of random weights writes what a schema describes, since nothing else is allowed. */
class AnswerSchemaTest {
  private static final String CHAT = "/v1/chat/completions";

  /** Random weights write much white space, which is bounded. */
  private static final int TOKENS = 1200;

  /** Whose values are short, so that answers end. */
  private static final String CITY =
      """
      {"type": "object",
       "properties": {
         "name": {"type": "string", "minLength": 3, "maxLength": 12},
         "größe": {"enum": ["small", "large", "größer"]},
         "capital": {"type": "boolean"},
         "rivers": {"type": "array", "items": {"$ref": "#/$defs/river"}, "minItems": 1,
           "maxItems": 2},
         "mayor": {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 5}]}},
       "required": ["name", "größe", "rivers", "mayor"],
       "additionalProperties": false,
       "$defs": {"river": {"type": "object", "properties": {"id": {"const": "r-1"}},
         "required": ["id"], "additionalProperties": false}}}
      """;

  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void close() {
    served.close();
  }

  private static ObjectNode request(String settings, String schema) {
    ObjectNode request = Served.chat("Hello").put("max_tokens", TOKENS).put("temperature", 1);
    request.setAll((ObjectNode) Served.json(settings));
    ObjectNode format = request.putObject("response_format").put("type", "json_schema");
    format.putObject("json_schema").put("name", "city").set("schema", Served.json(schema));
    return request;
  }

  private static void isCity(JsonNode city) {
    assertThat(city.path("name").asString().codePoints().count()).isBetween(3L, 12L);
    assertThat(city.path("größe").asString()).isIn("small", "large", "größer");
    assertThat(city.path("rivers").size()).isBetween(1, 2);
    city.path("rivers")
        .forEach(river -> assertThat(river).isEqualTo(Served.json("{\"id\": \"r-1\"}")));
    assertThat(city.path("mayor").isNull() || city.path("mayor").asString().length() <= 5).isTrue();
    assertThat(city.propertyNames())
        .isSubsetOf("name", "größe", "capital", "rivers", "mayor")
        .contains("name", "größe", "rivers", "mayor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"temperature\": 1.5, \"top_p\": 0.9}",
        "{\"exact\": true}",
        "{\"keep_ratio\": 0.3, \"rectify_every\": 8}"
      })
  void answersAreWhatTheSchemaDescribes(String settings) {
    ObjectNode request = request(settings, CITY);
    request.put("n", 10);
    int complete = 0;
    for (JsonNode choice : served.ask(CHAT, request.toString()).path("choices")) {
      if (choice.path("finish_reason").asString().equals("stop")) {
        isCity(Served.json(choice.path("message").path("content").asString()));
        complete++;
      }
    }
    assertThat(complete).isGreaterThan(7);
  }

  @Test
  void anAnswerThatStreamsIsTheSame() {
    ObjectNode request = request("{}", CITY);
    JsonNode whole = served.askUntilItEnds(CHAT, request).path("choices").path(0);
    request.put("stream", true);
    StringBuilder streamed = new StringBuilder();
    List<JsonNode> events = served.stream(CHAT, request.toString());
    for (JsonNode event : events) {
      streamed.append(event.path("choices").path(0).path("delta").path("content").asString(""));
    }
    assertThat(streamed.toString()).isEqualTo(whole.path("message").path("content").asString());
    assertThat(events.size()).isGreaterThan(10);
    assertThat(events.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("stop");
  }

  @Test
  void anAnswerOfExactModeIsDenseDecodings() {
    ObjectNode request = request("{\"keep_ratio\": 1, \"rectify_every\": 0}", CITY);
    ((ObjectNode) request.path("messages").path(0)).put("content", "word ".repeat(400));
    JsonNode dense = served.ask(CHAT, request.toString()).path("choices");
    request.remove("rectify_every");
    request.put("keep_ratio", 0.05).put("exact", true);
    assertThat(served.ask(CHAT, request.toString()).path("choices")).isEqualTo(dense);
  }

  @Test
  void anAnswerMayBeAnyValue() {
    for (String[] each :
        new String[][] {
          {"{\"enum\": [\"yes\", \"no\"]}", "\\s*\"(yes|no)\""},
          {
            "{\"type\": \"array\", \"items\": {\"type\": \"null\"}, \"minItems\": 1,"
                + " \"maxItems\": 1}",
            "\\s*\\[\\s*null\\s*]"
          },
          {"{\"const\": 12}", "\\s*12"}
        }) {
      String text =
          served
              .askUntilItEnds(CHAT, request("{}", each[0]))
              .path("choices")
              .path(0)
              .path("message")
              .path("content")
              .asString();
      assertThat(text).matches(Pattern.compile(each[1]));
    }
  }

  /** It says how other servers hold an answer, and changes nothing here. */
  @Test
  void strictIsTheSameEitherWay() {
    ObjectNode request = request("{}", CITY);
    JsonNode said = served.ask(CHAT, request.toString()).path("choices");
    for (String strict : List.of("true", "false", "null")) {
      ObjectNode format = (ObjectNode) request.path("response_format").path("json_schema");
      format.set("strict", Served.json(strict));
      format.put("description", "A city");
      assertThat(served.ask(CHAT, request.toString()).path("choices")).isEqualTo(said);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | missing_required_parameter | json_schema",
        "{\"json_schema\": 1} | invalid_value | json_schema",
        "{\"json_schema\": {\"schema\": {}}} | missing_required_parameter | json_schema.name",
        "{\"json_schema\": {\"name\": \"a\"}} | missing_required_parameter | json_schema.schema",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {}, \"strict\": 1}} | invalid_value |"
            + " json_schema.strict",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {}, \"more\": 1}} | unsupported_parameter"
            + " | json_schema.more",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {}}, \"more\": 1} | unsupported_parameter"
            + " | more",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": 1}} | invalid_value | json_schema.schema",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"city\"}}} | invalid_value |"
            + " json_schema.schema.type",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {\"properties\": {\"b\": {\"pattern\":"
            + " \"c\"}}}}} | unsupported_parameter | json_schema.schema.properties.b.pattern",
        "{\"json_schema\": {\"name\": \"a\", \"schema\": {\"anyOf\": [true, {\"minimum\": 1}]}}} |"
            + " unsupported_parameter | json_schema.schema.anyOf[1].minimum"
      })
  void whatIsWrongIsSaidWithItsPlace(String format, String code, String place) {
    ObjectNode request = Served.chat("Hello");
    ObjectNode response = (ObjectNode) Served.json(format);
    request.set("response_format", response.put("type", "json_schema"));
    JsonNode error = served.refused(400, CHAT, request.toString());
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(error.path("param").asString()).isEqualTo("response_format." + place);
    String inSchema = place.replaceFirst("json_schema\\.schema\\.?|json_schema\\.?", "");
    assertThat(error.path("message").asString()).contains(inSchema);
  }

  @Test
  void aSchemaGoesWithNoTools() {
    ObjectNode request = request("{}", CITY);
    request.set(
        "tools", Served.json("[{\"type\": \"function\", \"function\": {\"name\": \"now\"}}]"));
    assertThat(served.refused(400, CHAT, request.toString()).path("param").asString())
        .isEqualTo("response_format");
  }
}
