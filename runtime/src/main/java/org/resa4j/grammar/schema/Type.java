package org.resa4j.grammar.schema;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What {@code type} says. */
enum Type {
  NULL,
  BOOLEAN,
  INTEGER,
  NUMBER,
  STRING,
  OBJECT,
  ARRAY;

  private static final String KEYWORD = "type";
  private static final String RULE = "must be a type's name, or a list of them: " + names();

  private static String names() {
    return String.join(", ", Arrays.stream(values()).map(Type::word).toList());
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The types of a schema; all where it says nothing of it. */
  static Set<Type> of(Place place, JsonNode schema) {
    if (!schema.has(KEYWORD)) {
      return EnumSet.allOf(Type.class);
    }
    JsonNode value = schema.get(KEYWORD);
    Set<Type> types = EnumSet.noneOf(Type.class);
    for (JsonNode each : value.isArray() ? value.values() : List.of(value)) {
      types.add(
          Arrays.stream(values())
              .filter(type -> each.isString() && type.word().equals(each.asString()))
              .findFirst()
              .orElseThrow(() -> place.at(KEYWORD).invalid(RULE)));
    }
    if (types.isEmpty()) {
      throw place.at(KEYWORD).invalid(RULE);
    }
    return types;
  }

  /** Whether a value is of this type. */
  boolean has(JsonNode value) {
    return switch (this) {
      case NULL -> value.isNull();
      case BOOLEAN -> value.isBoolean();
      // 1.0 is one, as JSON Schema has it.
      case INTEGER ->
          value.isIntegralNumber()
              || (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()));
      case NUMBER -> value.isNumber();
      case STRING -> value.isString();
      case OBJECT -> value.isObject();
      case ARRAY -> value.isArray();
    };
  }
}
