package org.resa4j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.resa4j.Resa;
import org.resa4j.chat.AnswerFormat;
import org.resa4j.grammar.TextState;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Answers are what their schema describes, with a model of random weights. */
class AnswerFormatsTest {
  /** Random weights write much white space, which is bounded; a string may go on for long. */
  private static final int TOKENS = 1200;

  private static final int SEEDS = 30;

  private static Resa resa;

  @BeforeAll
  static void load() {
    resa = Tiny.resa(1);
  }

  @AfterAll
  static void close() {
    resa.close();
  }

  private static ResponseFormat format(JsonSchemaElement root) {
    return ResponseFormat.builder()
        .type(ResponseFormatType.JSON)
        .jsonSchema(JsonSchema.builder().name("answer").rootElement(root).build())
        .build();
  }

  private static ChatRequest request(JsonSchemaElement root) {
    return ChatRequest.builder()
        .messages(UserMessage.from("Hello"))
        .responseFormat(format(root))
        .build();
  }

  /** An answer that ends, with the first seed for which one does; and the same as it streams. */
  private static JsonNode answer(JsonSchemaElement root) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      ChatResponse response =
          ResaChatModel.builder(resa)
              .temperature(1)
              .seed(seed)
              .maxOutputTokens(TOKENS)
              .build()
              .chat(request(root));
      if (response.finishReason() == FinishReason.STOP) {
        Tiny.Heard heard =
            Tiny.stream(
                ResaStreamingChatModel.builder(resa)
                    .temperature(1)
                    .seed(seed)
                    .maxOutputTokens(TOKENS)
                    .build(),
                request(root));
        assertThat(heard.get().aiMessage().text()).isEqualTo(response.aiMessage().text());
        assertThat(heard.text).hasToString(response.aiMessage().text());
        return JsonMapper.shared().readTree(response.aiMessage().text());
      }
    }
    throw new AssertionError("no text ended");
  }

  @Test
  void answersAreWhatASchemaDescribes() {
    JsonNode city =
        answer(
            JsonObjectSchema.builder()
                .description("A city")
                .addEnumProperty("city", List.of("Berlin"))
                .addBooleanProperty("capital")
                .addProperty("size", JsonEnumSchema.builder().enumValues("small", "large").build())
                .addProperty(
                    "mayor",
                    JsonAnyOfSchema.builder()
                        .anyOf(
                            new JsonNullSchema(),
                            JsonEnumSchema.builder().enumValues("nobody").build())
                        .build())
                .required("city", "capital", "size", "mayor")
                .build());
    assertThat(city.propertyNames()).containsExactly("city", "capital", "size", "mayor");
    assertThat(city.path("city").asString()).isEqualTo("Berlin");
    assertThat(city.path("capital").isBoolean()).isTrue();
    assertThat(city.path("size").asString()).isIn("small", "large");
    assertThat(city.path("mayor").asString("")).isIn("", "nobody");
  }

  @Test
  void schemasMayBeTextAndReferToThemselves() {
    assertThat(
            answer(
                JsonRawSchema.from(
                    "{\"type\": \"array\", \"items\": {\"const\": 7}, \"minItems\": 2,"
                        + " \"maxItems\": 2}")))
        .hasToString("[7,7]");
    JsonNode list =
        answer(
            JsonObjectSchema.builder()
                .addProperty("list", JsonReferenceSchema.builder().reference("a/b %").build())
                .required("list")
                .definitions(
                    Map.of(
                        "a/b %",
                        JsonObjectSchema.builder()
                            .addProperty(
                                "next", JsonReferenceSchema.builder().reference("a/b %").build())
                            .build()))
                .build());
    for (JsonNode each = list.path("list"); !each.isMissingNode(); each = each.path("next")) {
      assertThat(each.isObject()).isTrue();
      assertThat(each.propertyNames()).isSubsetOf("next");
    }
  }

  /** A class as AI services describe it. */
  record Trip(List<Leg> legs, Kind kind, Integer price, double length, boolean booked) {}

  record Leg(String from, Trip back) {}

  enum Kind {
    TRAIN,
    FERRY
  }

  @Test
  void schemasOfClassesAreKnown() {
    AnswerFormat format =
        AnswerFormats.of(
            format(
                JsonSchemaElementUtils.jsonObjectOrReferenceSchemaFrom(
                    Trip.class, null, true, new LinkedHashMap<>(), true)));
    JsonNode schema =
        JsonMapper.shared().readTree(((AnswerFormat.Described) format).schema().toString());
    assertThat(schema.path("properties").propertyNames())
        .containsExactly("legs", "kind", "price", "length", "booked");
    assertThat(schema.path("properties").path("kind").path("enum"))
        .hasToString("[\"TRAIN\",\"FERRY\"]");
    assertThat(schema.path("additionalProperties").asBoolean(true)).isFalse();
    assertThat(schema.has("$defs")).isTrue();
  }

  @Test
  void nothingIsAnyAndOthersOnlyWhereTheyAreAskedFor() {
    assertThat(AnswerFormats.of(null)).isEqualTo(AnswerFormat.FREE);
    assertThat(AnswerFormats.of(ResponseFormat.TEXT)).isEqualTo(AnswerFormat.FREE);
    assertThat(AnswerFormats.of(ResponseFormat.JSON)).isEqualTo(AnswerFormat.JSON_OBJECT);
    assertThat(AnswerFormats.of(format(JsonArraySchema.builder().build())).toString())
        .contains("{\"type\":\"array\"}");
    assertThat(
            AnswerFormats.of(format(JsonObjectSchema.builder().additionalProperties(true).build()))
                .toString())
        .contains("\"additionalProperties\":true");
  }

  private static void refused(
      JsonSchemaElement root, Class<? extends Throwable> type, String name) {
    assertThatThrownBy(() -> ResaChatModel.builder(resa).build().chat(request(root)))
        .isInstanceOf(type)
        .hasMessageContaining(name);
    assertThatThrownBy(() -> ResaChatModel.builder(resa).responseFormat(format(root)).build())
        .isInstanceOf(type)
        .hasMessageContaining(name);
  }

  @Test
  void whatIsNotEnforcedIsRefusedByName() {
    refused(
        JsonRawSchema.from("{\"properties\": {\"a\": {\"pattern\": \"b\"}}}"),
        UnsupportedFeatureException.class,
        "properties.a.pattern");
    refused(
        JsonObjectSchema.builder().addProperty("a", JsonRawSchema.from("{\"minimum\": 1}")).build(),
        UnsupportedFeatureException.class,
        "properties.a.minimum");
    refused(JsonRawSchema.from("{\"type\""), InvalidRequestException.class, "no valid JSON");
    refused(JsonRawSchema.from("{\"a\": 1, \"a\": 2}"), InvalidRequestException.class, "a");
    refused(
        JsonObjectSchema.builder()
            .addProperty("a", JsonReferenceSchema.builder().reference("b").build())
            .build(),
        InvalidRequestException.class,
        "#/$defs/b");
    refused(new Odd(), UnsupportedFeatureException.class, "Odd");
    refused(
        JsonArraySchema.builder().items(new Odd()).build(),
        UnsupportedFeatureException.class,
        "Odd");
  }

  /** An element that no version has yet. */
  private static final class Odd implements JsonSchemaElement {
    @Override
    public String description() {
      return "odd";
    }
  }

  @Test
  void modelsSayThatTheyCan() {
    Set<Capability> can = Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    assertThat(ResaChatModel.builder(resa).build().supportedCapabilities()).isEqualTo(can);
    assertThat(ResaStreamingChatModel.builder(resa).build().supportedCapabilities()).isEqualTo(can);
    assertThat(
            ResaChatModel.builder(resa)
                .supportedCapabilities(Set.of())
                .build()
                .supportedCapabilities())
        .isEmpty();
    assertThat(answer(JsonIntegerSchema.builder().build()).isIntegralNumber()).isTrue();
  }

  /**
   * As LangChain4j makes of a class with a map: the member has no properties, and any may follow.
   */
  @Test
  void anObjectWithoutPropertiesIsAMap() {
    JsonObjectSchema map = JsonObjectSchema.builder().build();
    AnswerFormat.Described described = (AnswerFormat.Described) AnswerFormats.of(format(map));
    TextState text = described.schema().text();
    for (char c : "{\"a\":1}".toCharArray()) {
      text = text.next(c);
      assertThat(text).as("after " + c).isNotNull();
    }
    assertThat(text.isComplete()).isTrue();
    JsonObjectSchema closed = JsonObjectSchema.builder().additionalProperties(false).build();
    TextState begun =
        ((AnswerFormat.Described) AnswerFormats.of(format(closed))).schema().text().next('{');
    assertThat(begun.next('"')).isNull();
  }

  @Test
  void aReferenceThatNamesNothingIsRefused() {
    JsonReferenceSchema nothing = JsonReferenceSchema.builder().build();
    assertThatThrownBy(() -> AnswerFormats.of(format(nothing)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("names no reference");
  }
}
