package org.resa4j.grammar.schema;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether a value is one that a schema describes, told from the value: independent of texts. */
final class Checker {
  private static final JsonMapper STRICT =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final JsonNode root;
  private final Map<JsonNode, Set<String>> asked = new IdentityHashMap<>();

  Checker(JsonNode root) {
    this.root = root;
  }

  /** A text is one value, and nothing behind it; names stand once, as far as they are declared. */
  boolean takes(String text) {
    try {
      return takes(JsonMapper.shared().readTree(text), root);
    } catch (JacksonException e) {
      return false;
    }
  }

  /** Whether no name stands twice in an object. */
  static boolean isStrict(String text) {
    try {
      STRICT.readTree(text);
      return true;
    } catch (JacksonException e) {
      return false;
    }
  }

  private boolean takes(JsonNode value, JsonNode schema) {
    if (schema.isBoolean()) {
      return schema.asBoolean();
    }
    for (Map.Entry<String, JsonNode> each : schema.properties()) {
      if (!holds(each.getKey(), each.getValue(), value, schema)) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(String keyword, JsonNode says, JsonNode value, JsonNode schema) {
    return switch (keyword) {
      case "type" ->
          (says.isArray() ? says.values() : List.of(says))
              .stream().anyMatch(each -> isOf(value, each.asString()));
      case "enum" -> says.values().contains(value);
      case "const" -> says.equals(value);
      case "anyOf" -> says.values().stream().anyMatch(each -> takes(value, each));
      case "allOf" -> says.values().stream().allMatch(each -> takes(value, each));
      case "$ref" -> refers(value, says.asString());
      case "minLength" -> !value.isString() || length(value) >= says.asInt();
      case "maxLength" -> !value.isString() || length(value) <= says.asInt();
      case "minItems" -> !value.isArray() || value.size() >= says.asInt();
      case "maxItems" -> !value.isArray() || value.size() <= says.asInt();
      case "required" ->
          !value.isObject() || says.values().stream().allMatch(name -> value.has(name.asString()));
      case "properties", "additionalProperties" -> !value.isObject() || properties(value, schema);
      case "prefixItems", "items" -> !value.isArray() || items(value, schema);
      default -> true;
    };
  }

  /** What leads to itself, of the same value, says nothing more of it. */
  private boolean refers(JsonNode value, String to) {
    if (!asked.computeIfAbsent(value, any -> new HashSet<>()).add(to)) {
      return false;
    }
    boolean takes = takes(value, root.at(to.substring(1)));
    asked.get(value).remove(to);
    return takes;
  }

  private static boolean isOf(JsonNode value, String type) {
    return switch (type) {
      case "null" -> value.isNull();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "string" -> value.isString();
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      default -> throw new AssertionError(type);
    };
  }

  private static int length(JsonNode value) {
    return value.asString().codePointCount(0, value.asString().length());
  }

  private boolean properties(JsonNode value, JsonNode schema) {
    return value.properties().stream()
        .allMatch(
            each -> {
              JsonNode own = schema.path("properties").path(each.getKey());
              JsonNode is = own.isMissingNode() ? schema.path("additionalProperties") : own;
              return is.isMissingNode() || takes(each.getValue(), is);
            });
  }

  private boolean items(JsonNode value, JsonNode schema) {
    int first = schema.path("prefixItems").size();
    for (int i = 0; i < value.size(); i++) {
      JsonNode is = i < first ? schema.path("prefixItems").get(i) : schema.path("items");
      if (!is.isMissingNode() && !takes(value.get(i), is)) {
        return false;
      }
    }
    return true;
  }
}
