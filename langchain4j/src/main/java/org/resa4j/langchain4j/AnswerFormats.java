package org.resa4j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.Map;
import org.resa4j.chat.AnswerFormat;
import org.resa4j.grammar.schema.JsonSchema;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes of a response format what answers are held to. */
final class AnswerFormats {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private AnswerFormats() {}

  /**
   * What an answer must be.
   *
   * @param format null for any text
   * @throws org.resa4j.error.SchemaException for a schema that no answer can be held to
   */
  static AnswerFormat of(ResponseFormat format) {
    if (format == null || format.type() == ResponseFormatType.TEXT) {
      return AnswerFormat.FREE;
    }
    if (format.jsonSchema() == null) {
      return AnswerFormat.JSON_OBJECT;
    }
    JsonSchemaElement root = format.jsonSchema().rootElement();
    return new AnswerFormat.Described(JsonSchema.of(schema(root)));
  }

  private static JsonNode schema(JsonSchemaElement element) {
    return switch (element) {
      case JsonObjectSchema object -> object(object);
      case JsonArraySchema array -> {
        ObjectNode schema = ofType("array");
        if (array.items() != null) {
          schema.set("items", schema(array.items()));
        }
        yield schema;
      }
      case JsonEnumSchema each -> {
        ObjectNode schema = ofType("string");
        each.enumValues().forEach(schema.putArray("enum")::add);
        yield schema;
      }
      case JsonStringSchema string -> ofType("string");
      case JsonIntegerSchema integer -> ofType("integer");
      case JsonNumberSchema number -> ofType("number");
      case JsonBooleanSchema bool -> ofType("boolean");
      case JsonNullSchema none -> ofType("null");
      case JsonAnyOfSchema any -> {
        ObjectNode schema = MAPPER.createObjectNode();
        ArrayNode list = schema.putArray("anyOf");
        any.anyOf().forEach(each -> list.add(schema(each)));
        yield schema;
      }
      case JsonReferenceSchema reference ->
          MAPPER.createObjectNode().put("$ref", "#/$defs/" + escaped(named(reference)));
      case JsonRawSchema raw -> raw(raw.schema());
      default ->
          throw new UnsupportedFeatureException(
              "JSON response format with a schema that has a %s is not supported"
                  .formatted(element.getClass().getSimpleName()));
    };
  }

  private static ObjectNode ofType(String type) {
    return MAPPER.createObjectNode().put("type", type);
  }

  private static ObjectNode object(JsonObjectSchema object) {
    ObjectNode schema = ofType("object");
    schema.set("properties", named(object.properties()));
    ArrayNode required = schema.putArray("required");
    if (object.required() != null) {
      object.required().forEach(required::add);
    }
    // One made of a class says nothing of others, and the class has no place for them; without any
    // property it stands for a map, or for what may be anything.
    boolean open = object.additionalProperties() == null && object.properties().isEmpty();
    schema.put("additionalProperties", open || Boolean.TRUE.equals(object.additionalProperties()));
    if (!object.definitions().isEmpty()) {
      schema.set("$defs", named(object.definitions()));
    }
    return schema;
  }

  private static ObjectNode named(Map<String, JsonSchemaElement> elements) {
    ObjectNode schemas = MAPPER.createObjectNode();
    elements.forEach((name, element) -> schemas.set(name, schema(element)));
    return schemas;
  }

  private static String named(JsonReferenceSchema reference) {
    if (reference.reference() == null) {
      throw new InvalidRequestException("a JsonReferenceSchema names no reference");
    }
    return reference.reference();
  }

  /** A name as a part of a JSON pointer in a URI. */
  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1").replace("%", "%25");
  }

  private static JsonNode raw(String schema) {
    try {
      return MAPPER.readTree(schema);
    } catch (JacksonException e) {
      throw new InvalidRequestException(
          "the JSON schema is no valid JSON: " + e.getOriginalMessage(), e);
    }
  }
}
