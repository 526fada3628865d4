package org.resa4j.grammar.schema;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Schemas of all that is supported, three definitions deep in one another. */
final class RandomSchema {
  private static final String[] NAMES = {"a", "ab", "b", "aba", "c\\n", "\u00e9"};
  private static final String[] VALUES = {
    "1", "10", "\"a\"", "\"ab\"", "null", "true", "[1,\"a\"]", "{\"a\":{}}", "-0.5", "\"\u00e9\""
  };

  private final Random random;

  private RandomSchema(Random random) {
    this.random = random;
  }

  static String of(Random random) {
    RandomSchema made = new RandomSchema(random);
    return "{\"$defs\": {%s}, \"allOf\": [%s]}"
        .formatted(made.list(3, i -> "\"d%d\": %s".formatted(i, made.schema(2))), made.schema(3));
  }

  private String list(int size, IntFunction<String> each) {
    return IntStream.range(0, size).mapToObj(each).collect(Collectors.joining(", "));
  }

  private String schema(int depth) {
    return switch (random.nextInt(depth == 0 ? 7 : 13)) {
      case 0 -> "{\"type\": \"integer\"}";
      case 1 -> "{\"type\": [\"null\", \"boolean\", \"number\"]}";
      case 2 -> string();
      case 3 -> "{\"enum\": [%s]}".formatted(list(1 + random.nextInt(4), i -> any(VALUES)));
      case 4 -> "{\"const\": %s}".formatted(any(VALUES));
      case 5 -> "{\"$ref\": \"#/$defs/d%d\"}".formatted(random.nextInt(3));
      case 6 -> random.nextInt(4) == 0 ? "true" : "{\"type\": \"null\"}";
      case 7, 8 ->
          "{\"anyOf\": [%s]}".formatted(list(1 + random.nextInt(3), i -> schema(depth - 1)));
      case 9 -> array(depth);
      default -> object(depth);
    };
  }

  private String string() {
    int least = random.nextInt(3);
    return "{\"type\": \"string\", \"minLength\": %d%s}"
        .formatted(
            least,
            random.nextBoolean() ? "" : ", \"maxLength\": %d".formatted(least + random.nextInt(3)));
  }

  private String array(int depth) {
    int least = random.nextInt(3);
    return "{\"type\": \"array\", \"minItems\": %d%s%s%s}"
        .formatted(
            least,
            random.nextBoolean() ? "" : ", \"maxItems\": %d".formatted(least + random.nextInt(3)),
            random.nextBoolean() ? "" : ", \"items\": " + schema(depth - 1),
            random.nextBoolean() ? "" : ", \"prefixItems\": [%s]".formatted(schema(depth - 1)));
  }

  private String object(int depth) {
    String properties =
        random
            .ints(0, NAMES.length)
            .distinct()
            .limit(random.nextInt(4))
            .mapToObj(i -> "\"%s\": %s".formatted(NAMES[i], schema(depth - 1)))
            .collect(Collectors.joining(", "));
    String required = list(random.nextInt(3), i -> "\"%s\"".formatted(any(NAMES)));
    String more =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> ", \"additionalProperties\": false";
          default -> ", \"additionalProperties\": " + schema(0);
        };
    return "{\"type\": \"object\", \"properties\": {%s}, \"required\": [%s]%s}"
        .formatted(properties, required, more);
  }

  private String any(String[] of) {
    return of[random.nextInt(of.length)];
  }
}
