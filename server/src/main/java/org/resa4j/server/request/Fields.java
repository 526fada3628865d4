package org.resa4j.server.request;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One object of a request, read field by field; {@code null} is a field that is not there. Errors
 * name the field, and {@link #nothingElse} refuses what was not asked for.
 *
 * <p>All methods throw {@link ApiException} for a value of the wrong kind.
 */
final class Fields {
  private final JsonNode node;
  private final String path;
  private final Set<String> known = new HashSet<>();

  private Fields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** The request itself. */
  static Fields of(JsonNode body) {
    if (!body.isObject()) {
      throw ApiException.of(400, "invalid_json", "the body is no JSON object");
    }
    return new Fields(body, "");
  }

  /** An object within a request. */
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw ApiException.invalid(path, path + " must be an object");
    }
    return new Fields(node, path + ".");
  }

  /** A field's whole name, such as {@code messages[0].role}. */
  String name(String field) {
    return path + field;
  }

  boolean has(String field) {
    known.add(field);
    return node.hasNonNull(field);
  }

  /** All of it. */
  JsonNode node() {
    return node;
  }

  /** A field as it is; to be asked for where it is there. */
  JsonNode node(String field) {
    return node.get(field);
  }

  Optional<String> text(String field) {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!node.get(field).isString()) {
      throw wrong(field, "a string");
    }
    return Optional.of(node.get(field).asString());
  }

  String requiredText(String field) {
    return text(field).orElseThrow(() -> ApiException.missing(name(field)));
  }

  Optional<Boolean> flag(String field) {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!node.get(field).isBoolean()) {
      throw wrong(field, "true or false");
    }
    return Optional.of(node.get(field).asBoolean());
  }

  OptionalInt integer(String field, int least, int most) {
    if (!has(field)) {
      return OptionalInt.empty();
    }
    JsonNode value = node.get(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(field, "a whole number from %d to %d".formatted(least, most));
    }
    return OptionalInt.of(value.intValue());
  }

  OptionalLong integer(String field) {
    if (!has(field)) {
      return OptionalLong.empty();
    }
    JsonNode value = node.get(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(field, "a whole number of 64 bits");
    }
    return OptionalLong.of(value.longValue());
  }

  OptionalDouble number(String field, double least, double most) {
    if (!has(field)) {
      return OptionalDouble.empty();
    }
    JsonNode value = node.get(field);
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number >= least && number <= most)) {
      throw wrong(field, "a number from %s to %s".formatted(plain(least), plain(most)));
    }
    return OptionalDouble.of(number);
  }

  private static String plain(double limit) {
    return limit == Math.rint(limit) ? Long.toString((long) limit) : Double.toString(limit);
  }

  Optional<Fields> object(String field) {
    return has(field) ? Optional.of(of(node.get(field), name(field))) : Optional.empty();
  }

  /** The objects of a list; none where the field is not there. */
  List<Fields> objects(String field) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode each : list(field)) {
      objects.add(of(each, name(field) + "[" + objects.size() + "]"));
    }
    return objects;
  }

  /** The values of a list; none where the field is not there. */
  Collection<JsonNode> list(String field) {
    if (!has(field)) {
      return List.of();
    }
    if (!node.get(field).isArray()) {
      throw wrong(field, "a list");
    }
    return node.get(field).values();
  }

  /** A value as plain Java: strings, numbers, booleans, and lists and maps of them. */
  static Object plain(JsonNode value) {
    return JsonMapper.shared().treeToValue(value, Object.class);
  }

  /** Passes over fields that change no text. */
  Fields ignore(String... fields) {
    known.addAll(List.of(fields));
    return this;
  }

  /**
   * Passes over a field that has a value without effect, and refuses any other.
   *
   * @param neutral whether a value has no effect
   * @param why it is refused otherwise
   */
  Fields only(String field, Predicate<JsonNode> neutral, String why) {
    if (has(field) && !neutral.test(node.get(field))) {
      throw ApiException.unsupported(name(field), name(field) + " is not supported: " + why);
    }
    return this;
  }

  /** Refuses all that was not asked for. */
  void nothingElse() {
    for (String field : node.propertyNames()) {
      if (!known.contains(field) && node.hasNonNull(field)) {
        throw ApiException.unsupported(name(field), name(field) + " is not supported");
      }
    }
  }

  ApiException wrong(String field, String wanted) {
    return ApiException.invalid(name(field), "%s must be %s".formatted(name(field), wanted));
  }
}
