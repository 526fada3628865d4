package org.resa4j.grammar.schema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** Finds what references within a schema lead to. */
record References(JsonNode root) {
  private static final String ID = "$id";
  private static final int MOST_SHOWN = 100;

  /** A schema and its place. */
  record Target(Place place, JsonNode schema) {}

  /**
   * What a reference leads to.
   *
   * @param at where it stands
   * @throws org.resa4j.error.SchemaException if there is no schema, or none in this one
   */
  Target find(Place at, String reference) {
    if (!reference.equals("#") && !reference.startsWith("#/")) {
      throw at.unsupported(
          "is not supported: references lead to #, or #/ and a place in the schema");
    }
    JsonPointer left = pointer(at, reference);
    Place place = Place.ROOT;
    JsonNode schema = root;
    while (!left.matches()) {
      if (schema.isMissingNode()) {
        throw nothing(at, reference);
      }
      if (place != Place.ROOT && schema.has(ID)) {
        throw at.unsupported(
            "is not supported: it leads through a schema that has %s, to which references within it are relative"
                .formatted(ID));
      }
      String keyword = left.getMatchingProperty();
      JsonNode has = schema.path(keyword);
      place = place.at(keyword);
      left = left.tail();
      if (Keywords.hasSchema(keyword)) {
        schema = has;
      } else if (Keywords.hasNamed(keyword) && !left.matches()) {
        place = place.at(left.getMatchingProperty());
        schema = has.path(left.getMatchingProperty());
        left = left.tail();
      } else if (Keywords.hasListed(keyword) && !left.matches() && left.mayMatchElement()) {
        place = place.at(left.getMatchingIndex());
        schema = has.path(left.getMatchingIndex());
        left = left.tail();
      } else {
        throw nothing(at, reference);
      }
    }
    if (schema.isMissingNode()) {
      throw nothing(at, reference);
    }
    return new Target(place, schema);
  }

  private static JsonPointer pointer(Place at, String reference) {
    try {
      String plain = reference.substring(1).replace("+", "%2B");
      return JsonPointer.compile(URLDecoder.decode(plain, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw nothing(at, reference);
    }
  }

  private static RuntimeException nothing(Place at, String reference) {
    String shown =
        reference.length() <= MOST_SHOWN ? reference : reference.substring(0, MOST_SHOWN) + "...";
    return at.invalid("leads to no schema: there is none at " + shown);
  }
}
