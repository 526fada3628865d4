package org.resa4j.grammar.schema;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The keywords of JSON Schema that are known here. */
final class Keywords {
  /** Say something of a value without holding it to anything. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$comment",
          "$schema",
          "$defs",
          "definitions");

  /** Hold a value to something, each by itself. */
  private static final Set<String> ASSERTIONS =
      Set.of(
          "type",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "prefixItems",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength");

  /** Hold a value to something, and may not stand beside the others. */
  private static final Set<String> ALONE = Set.of("$ref", "anyOf", "allOf", "enum", "const");

  /** What a keyword has is a schema. */
  private static final Set<String> SCHEMA = Set.of("items", "additionalProperties");

  /** What a keyword has are schemas by name. */
  private static final Set<String> NAMED = Set.of("properties", "$defs", "definitions");

  /** What a keyword has is a list of schemas. */
  private static final Set<String> LISTED = Set.of("anyOf", "allOf", "prefixItems");

  private static final String NOT_ENFORCED = "is not supported: answers would not be held to it";

  private Keywords() {}

  /** Refuses what is not known, or not enforced. */
  static void check(Place place, JsonNode schema) {
    for (String name : schema.propertyNames()) {
      boolean known =
          ANNOTATIONS.contains(name)
              || ASSERTIONS.contains(name)
              || ALONE.contains(name)
              // Elsewhere it would change what references mean.
              || (name.equals("$id") && place == Place.ROOT);
      if (!known) {
        throw place.at(name).unsupported(NOT_ENFORCED);
      }
    }
  }

  /** Refuses what would hold a value to something beside some keywords. */
  static void checkAlone(Place place, JsonNode schema, Set<String> keywords) {
    for (String name : schema.propertyNames()) {
      if (!keywords.contains(name) && !ANNOTATIONS.contains(name) && !name.equals("$id")) {
        String beside = keywords.stream().filter(schema::has).findFirst().orElseThrow();
        throw place.at(name).unsupported("is not supported beside " + beside);
      }
    }
  }

  static boolean hasSchema(String keyword) {
    return SCHEMA.contains(keyword);
  }

  static boolean hasNamed(String keyword) {
    return NAMED.contains(keyword);
  }

  static boolean hasListed(String keyword) {
    return LISTED.contains(keyword);
  }
}
