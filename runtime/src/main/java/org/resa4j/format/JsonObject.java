package org.resa4j.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.resa4j.error.InputException;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object of a model directory, and typed access to it. A value of another kind than asked
 * for is refused, never replaced: methods throw {@link InputException} that names file, key and
 * value. A missing value is refused where no other is given for it; so is null, but where a method
 * says that it counts as missing.
 *
 * @param where the file, and the key in it of an object within another
 * @param node the object
 */
public record JsonObject(String where, JsonNode node) {

  /**
   * A file's.
   *
   * @throws InputException if it cannot be read
   */
  public static JsonObject read(Path file) {
    return new JsonObject(file.toString(), Json.read(file));
  }

  /**
   * One that is part of a file.
   *
   * @param name of the part
   * @throws InputException if the text is not JSON, or no object
   */
  public static JsonObject parse(Path file, String name, String text) {
    return new JsonObject(file + ": " + name, Json.parse(Path.of(file + ": " + name), text));
  }

  /** The same; empty if there is no such file. */
  public static Optional<JsonObject> readIfThere(Path file) {
    Json.checkPlain(file);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  public boolean has(String key) {
    return node.has(key);
  }

  /** Every key. */
  public Set<String> keys() {
    return Set.copyOf(node.propertyNames());
  }

  /** A whole number from 1 that an int holds. */
  public int positive(String key) {
    return required(key, "a whole number from 1", JsonObject::asPositive);
  }

  /** The same; empty if it is missing or null. */
  public Optional<Integer> optionalPositive(String key) {
    return value(key).map(value -> as(key, value, "a whole number from 1", JsonObject::asPositive));
  }

  /** The same; {@code otherwise} if it is missing. */
  public int positive(String key, int otherwise) {
    return has(key) ? positive(key) : otherwise;
  }

  /** A whole number from 0 that an int holds; {@code otherwise} if it is missing. */
  public int whole(String key, int otherwise) {
    return has(key) ? required(key, "a whole number from 0", JsonObject::asWhole) : otherwise;
  }

  /** A finite number above 0. */
  public double positiveNumber(String key) {
    return required(key, "a number above 0", JsonObject::asPositiveNumber);
  }

  /** The same; {@code otherwise} if it is missing. */
  public double positiveNumber(String key, double otherwise) {
    return has(key) ? positiveNumber(key) : otherwise;
  }

  /** The same; empty if it is missing or null. */
  public Optional<Double> optionalPositiveNumber(String key) {
    return value(key)
        .map(value -> as(key, value, "a number above 0", JsonObject::asPositiveNumber));
  }

  /** True or false; {@code otherwise} if it is missing or null. */
  public boolean flag(String key, boolean otherwise) {
    return optionalFlag(key).orElse(otherwise);
  }

  /** The same; empty if it is missing or null. */
  public Optional<Boolean> optionalFlag(String key) {
    return value(key)
        .map(
            value -> as(key, value, "true or false", it -> it.isBoolean() ? it.asBoolean() : null));
  }

  /** Text; empty if it is missing. */
  public Optional<String> text(String key) {
    return has(key) ? Optional.of(required(key, "text", JsonObject::asText)) : Optional.empty();
  }

  /** The same; empty if it is null, too. */
  public Optional<String> optionalText(String key) {
    return value(key).map(value -> as(key, value, "text", JsonObject::asText));
  }

  /** A list of texts; empty if it is missing or null. */
  public List<String> texts(String key) {
    return list(key, "a list of texts", JsonObject::asText);
  }

  /** A list of finite numbers above 0. */
  public double[] positiveNumbers(String key) {
    if (value(key).isEmpty()) {
      throw wrong(key, "a list of numbers above 0");
    }
    return list(key, "a list of numbers above 0", JsonObject::asPositiveNumber).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** An object within; empty if it is missing or null. */
  public Optional<JsonObject> object(String key) {
    return value(key)
        .map(
            value ->
                new JsonObject(
                    where + ": " + key,
                    as(key, value, "an object", it -> it.isObject() ? it : null)));
  }

  /** Token ids, one or a list of them, below {@code vocabulary}; none if it is missing or null. */
  public Set<Integer> tokens(String key, int vocabulary) {
    String kind = "a token below %d, or a list of them".formatted(vocabulary);
    Function<JsonNode, Integer> read =
        it ->
            it.isIntegralNumber()
                    && it.canConvertToInt()
                    && it.asInt() >= 0
                    && it.asInt() < vocabulary
                ? it.asInt()
                : null;
    Optional<JsonNode> value = value(key);
    if (value.isEmpty() || value.get().isArray()) {
      return Set.copyOf(list(key, kind, read));
    }
    return Set.of(as(key, value.get(), kind, read));
  }

  private <T> List<T> list(String key, String kind, Function<JsonNode, T> read) {
    List<T> all = new ArrayList<>();
    value(key)
        .ifPresent(
            value -> {
              if (!value.isArray()) {
                throw wrong(key, kind);
              }
              for (JsonNode each : value) {
                all.add(as(key, each, kind, read));
              }
            });
    return all;
  }

  /** What is neither missing nor null. */
  private Optional<JsonNode> value(String key) {
    return Optional.ofNullable(node.get(key)).filter(value -> !value.isNull());
  }

  private <T> T required(String key, String kind, Function<JsonNode, T> read) {
    if (!has(key)) {
      throw wrong(key, kind);
    }
    return as(key, node.get(key), kind, read);
  }

  private <T> T as(String key, JsonNode value, String kind, Function<JsonNode, T> read) {
    T result = read.apply(value);
    if (result == null) {
      throw wrong(key, kind);
    }
    return result;
  }

  /** What is wrong with a value: that it should be of a kind. */
  public InputException wrong(String key, String kind) {
    String is = has(key) ? node.get(key).toString() : "missing";
    return new InputException(
        "%s: %s must be %s, is %s"
            .formatted(where, key, kind, is.length() > 80 ? is.substring(0, 80) + "…" : is));
  }

  private static Integer asWhole(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.asInt() >= 0
        ? value.asInt()
        : null;
  }

  private static Integer asPositive(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.asInt() >= 1
        ? value.asInt()
        : null;
  }

  private static Double asPositiveNumber(JsonNode value) {
    return value.isNumber() && value.asDouble() > 0 && Double.isFinite(value.asDouble())
        ? value.asDouble()
        : null;
  }

  private static String asText(JsonNode value) {
    return value.isString() ? value.asString() : null;
  }
}
