package org.resa4j.grammar.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.error.SchemaException;
import org.resa4j.error.SchemaException.Fault;
import org.resa4j.grammar.TextState;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts are values that the schema describes; what would not be enforced is refused. */
class JsonSchemaTest {
  private static final long SEED = 7;

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private static TextState begin(String schema) {
    return JsonSchema.of(json(schema)).text();
  }

  private static TextState after(TextState begin, String text) {
    TextState state = begin;
    for (int i = 0; i < text.length() && state != null; i++) {
      state = state.next(text.charAt(i));
    }
    return state;
  }

  private static boolean takes(TextState begin, String text) {
    TextState state = after(begin, text);
    return state != null && state.isComplete();
  }

  /** A schema, texts that it takes, and texts that it does not. */
  private static Arguments of(String schema, List<String> good, List<String> bad) {
    return Arguments.of(schema, good, bad);
  }

  private static Stream<Arguments> schemas() {
    return Stream.of(
        of(
            "{\"type\": \"string\"}",
            List.of("\"\"", "\"é \\u00e9 \\ud83d \\\" \\/ 漢 🙂 \\n\"", " \"a\"", "\n\t\"a\""),
            List.of("\"", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "1", "a", "\"a\" ", "\"a\"b", "''")),
        of(
            "{\"type\": \"integer\"}",
            List.of("0", "-0", "-12", "1234567890123456789012"),
            List.of("01", "1.0", "1e3", "-", "+1", "1 ", "\"1\"", "")),
        of(
            "{\"type\": \"number\"}",
            List.of("0", "-0.5", "10.25e+3", "1E5", "2e-7"),
            List.of("1.", ".5", "1e", "1e+", "NaN", "-e1", "1.e1", "Infinity")),
        of(
            "{\"type\": \"boolean\"}",
            List.of("true", "false"),
            List.of("truefalse", "tru", "True", "null", "1")),
        of("{\"type\": \"null\"}", List.of("null"), List.of("nul", "nulll", "false")),
        of(
            "{\"type\": [\"string\", \"null\", \"integer\"]}",
            List.of("\"a\"", "null", "3"),
            List.of("true", "3.5", "[]", "{}")),
        of("{\"type\": [\"integer\", \"number\"]}", List.of("3", "3.5"), List.of("\"3\"", "null")),
        of(
            "{}",
            List.of(
                "1", "\"\"", "null", "[]", "{}", "[1, [\"a\", {\"b\": {\"c\": false}}], -2.5e3]"),
            List.of("[1,]", "{\"a\"}", "{,}", "[,1]", "{a: 1}", "[1}", "{]", "nul")),
        of("true", List.of("[{}]", "7"), List.of("[", "")),
        of(
            """
            {"type": "object", "properties": {"a": {"type": "integer"},
            "ab": {"type": "boolean"}, "b": {"type": "null"}}, "required": ["ab"],
            "additionalProperties": false}
            """,
            List.of(
                "{\"ab\":true}",
                "{\"a\": 1, \"ab\": false}",
                " { \"a\" :\n1 , \"ab\":true,\"b\" : null }",
                "{\"ab\":true,\"b\":null}"),
            List.of(
                "{}",
                "{\"a\":1}",
                "{\"a\":1,}",
                "{\"ab\":true,}",
                "{\"ab\":true,\"a\":1}",
                "{\"ab\":true,\"ab\":true}",
                "{\"ab\":1}",
                "{\"a\":true}",
                "{\"b\":null,\"ab\":true}",
                "{\"c\":1,\"ab\":true}",
                "{\"a b\":1}",
                "{\"\":1,\"ab\":true}",
                "{\"ab\"true}",
                "{\"ab\":true \"b\":null}",
                "{\"ab\":true}}",
                "{\"\\u0061b\":true}",
                "[\"ab\"]")),
        // What is not declared comes last, in no other letters than the declared.
        of(
            """
            {"type": "object", "properties": {"a": {"type": "integer"},
            "é\\n": {"type": "integer"}}, "required": ["a"]}
            """,
            List.of(
                "{\"a\":1}",
                "{\"a\":1,\"é\\n\":2}",
                "{\"a\":1,\"\\u00e9\\n\":2}",
                "{\"a\":1,\"b\":\"x\"}",
                "{\"a\":1,\"\":{}}",
                "{\"a\":1,\"aa\":[1],\"A\":null}",
                "{\"a\":1,\"é\":\"x\"}",
                "{\"a\":1,\"é\\nx\":\"x\"}",
                "{\"a\":1,\"é\\t\":\"x\"}",
                "{\"a\":1,\"\\\\\\\"\":0}",
                "{\"a\":1,\"x\":1,\"x\":\"y\"}"),
            List.of(
                "{\"b\":\"x\"}",
                "{\"b\":\"x\",\"a\":1}",
                "{\"a\":1,\"b\":\"x\",\"a\":\"y\"}",
                "{\"a\":1,\"b\":\"x\",\"é\\n\":1}",
                "{\"a\":1,\"b\":\"x\",\"\\u00e9\\n\":\"x\"}",
                "{\"a\":1,\"\\u0061\":\"y\"}",
                "{\"a\":1,\"\\u00e9\\u000a\":\"y\"}",
                "{\"a\":1,\"\\u00E9\\n\":\"y\"}",
                "{\"a\":1,\"\\/\":\"y\"}",
                "{\"a\":1,\"\uFFFD\uFFFD\\n\":\"y\"}",
                "{\"a\":1,\"b\\x\":\"y\"}")),
        of(
            "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"integer\"}}",
            List.of("{}", "{\"a\":1}", "{\"a\":1, \"b\": 2}"),
            List.of("{\"a\":\"b\"}", "{\"a\":1,\"b\":null}")),
        of(
            """
            {"type": "object", "required": ["x"], "properties": {"a": {"type": "null"}}}
            """,
            List.of("{\"x\":1}", "{\"a\":null,\"x\":[]}", "{\"x\":1,\"y\":2}"),
            List.of("{}", "{\"a\":null}", "{\"x\":1,\"a\":null}", "{\"x\":1,\"x\":2}")),
        of(
            """
            {"type": "object", "properties": {"no": false, "a": true},
            "additionalProperties": false}
            """,
            List.of("{}", "{\"a\":{}}"),
            List.of("{\"no\":1}", "{\"n\":1}")),
        // Without a type it may be anything else as well.
        of(
            "{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"minItems\": 1}",
            List.of("{\"a\":1}", "1", "\"a\"", "[1]", "{}"),
            List.of("{\"a\":\"\"}", "[]")),
        of(
            "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}}",
            List.of("[]", "[ ]", "[1]", "[ 1 , 2,3 ]"),
            List.of("[\"a\"]", "[1,]", "[,]", "[1 2]", "[1", "[[1]]")),
        of(
            """
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}
            """,
            List.of("[1,2]", "[1,2,3]"),
            List.of("[]", "[1]", "[1,2,3,4]", "[1,2,]")),
        of(
            "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}, \"minItems\": 2}",
            List.of("[1,2]", "[1,2,3,4,5]"),
            List.of("[]", "[1]")),
        of("{\"type\": \"array\", \"maxItems\": 0}", List.of("[]"), List.of("[1]", "[")),
        of(
            """
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}],
            "items": false}
            """,
            List.of("[]", "[\"a\"]", "[\"a\",1]"),
            List.of("[1]", "[\"a\",\"b\"]", "[\"a\",1,2]")),
        of(
            """
            {"type": "array", "prefixItems": [{"type": "string"}],
            "items": {"type": "integer"}, "minItems": 2}
            """,
            List.of("[\"a\",1]", "[\"a\",1,2,3]"),
            List.of("[\"a\"]", "[\"a\",\"b\"]", "[1,1]")),
        of(
            "{\"type\": \"string\", \"minLength\": 2, \"maxLength\": 3}",
            List.of(
                "\"ab\"",
                "\"abc\"",
                "\"🙂🙂\"",
                "\"🙂🙂🙂\"",
                "\"\\ud83d\\ude42\\uD83D\\uDE42\\n\"",
                "\"\\u0061\\\"\\/\"",
                "\"\\ud83d\\ud83d\\ude42\"",
                "\"ab\uFFFD\"",
                "\"\\ude42\\ud83d\""),
            List.of(
                "\"\"",
                "\"a\"",
                "\"🙂\"",
                "\"\\ud83d\\ude42\"",
                "\"abcd\"",
                "\"abc\\n\"",
                "\"abc\\u0061\"",
                "\"🙂🙂🙂🙂\"",
                "\"ab\\ud83d\\u0061\"",
                "\"ab\\ud83d\\n\"",
                "\"ab\\ud83d\\ude42\\ude42\"",
                "\"\uFFFD\uFFFD\"",
                "\"ab\uFFFD\uFFFD\"")),
        of(
            "{\"type\": \"string\", \"minLength\": 1}",
            List.of("\"a\"", "\"🙂\"", "\"aé\uFFFD\"", "\"\\ud83d\""),
            List.of("\"\"", "\"\uFFFD\"")),
        of("{\"type\": \"string\", \"maxLength\": 0}", List.of("\"\""), List.of("\"a\"", "\"\\n")),
        of(
            "{\"enum\": [\"a\", \"ab\", 1, 10, 1.5, null, {\"x\": [1, \"é\"]}, \"\\\"\\u0001🙂\"]}",
            List.of(
                "\"a\"",
                "\"ab\"",
                "1",
                "10",
                "1.5",
                "null",
                "{\"x\":[1,\"é\"]}",
                "{\"x\":[1,\"\\u00e9\"]}",
                " \"\\\"\\u0001🙂\"",
                "\"\\\"\\u0001\\ud83d\\ude42\""),
            List.of(
                "\"\"",
                "\"abc\"",
                "100",
                "1.",
                "{\"x\": [1,\"é\"]}",
                "\"\\u0061\"",
                "\"\\\"\\u0001\\ud83d\"",
                "true")),
        of(
            "{\"type\": [\"integer\", \"null\"], \"enum\": [\"a\", 2, null, 2.5]}",
            List.of("2", "null"),
            List.of("\"a\"", "2.5")),
        of(
            "{\"const\": {\"a\": [true, {}]}}",
            List.of("{\"a\":[true,{}]}"),
            List.of("{}", "{\"a\":[]}", "{\"a\":[true,{}],\"b\":1}")),
        // Two readings of a beginning; one of a number that goes on.
        of(
            "{\"type\": \"array\", \"items\": {\"enum\": [1, 10, 100]}}",
            List.of("[1,10,100]", "[1 , 10]"),
            List.of("[11]", "[1000]", "[1 0]")),
        of(
            """
            {"anyOf": [{"type": "object", "properties": {"kind": {"const": "cat"},
            "lives": {"type": "integer"}}, "required": ["kind", "lives"],
            "additionalProperties": false}, {"type": "object",
            "properties": {"kind": {"const": "car"}, "doors": {"type": "integer"}},
            "required": ["kind", "doors"], "additionalProperties": false},
            {"type": "null"}]}
            """,
            List.of(
                "null", "{\"kind\":\"cat\",\"lives\":9}", "{ \"kind\" : \"car\" , \"doors\" : 4 }"),
            List.of(
                "{\"kind\":\"cat\",\"doors\":9}",
                "{\"kind\":\"car\",\"lives\":9}",
                "{\"kind\":\"ca\",\"doors\":9}",
                "{\"kind\":\"cat\"}")),
        of(
            """
            {"anyOf": [{"type": "string", "maxLength": 1}, {"enum": ["long"]},
            {"type": "integer"}, {"type": "number"}]}
            """,
            List.of("\"l\"", "\"long\"", "1", "1.5", "\"\\n\""),
            List.of("\"lo\"", "\"lon\"", "\"longer\"", "true")),
        // A list of its own kind, by names that begin alike.
        of(
            """
            {"$defs": {"list": {"type": "object",
            "properties": {"head": {"type": "integer"},
            "heads": {"anyOf": [{"$ref": "#/$defs/list"}, {"type": "null"}]}},
            "required": ["head", "heads"], "additionalProperties": false}},
            "$ref": "#/$defs/list"}
            """,
            List.of(
                "{\"head\":1,\"heads\":null}",
                "{\"head\":1,\"heads\":{\"head\":2,\"heads\":null}}"),
            List.of("{\"head\":1}", "{\"heads\":null}", "{\"head\":1,\"heads\":{}}")),
        of(
            """
            {"type": "object", "properties": {"next": {"$ref": "#"}},
            "additionalProperties": false}
            """,
            List.of("{}", "{\"next\":{\"next\":{}}}"),
            List.of("{\"next\":1}", "{\"next\":null}")),
        of(
            """
            {"definitions": {"a b/c": {"type": "null"}}, "type": "array",
            "prefixItems": [{"$ref": "#/definitions/a%20b~1c"}],
            "items": {"$ref": "#/prefixItems/0"}}
            """,
            List.of("[null,null]"), List.of("[1]", "[null,1]")),
        of("{\"allOf\": [{\"type\": \"null\"}], \"default\": null}", List.of("null"), List.of("1")),
        of(
            "{\"const\": \"a\", \"enum\": [\"a\", \"b\"], \"type\": \"string\"}",
            List.of("\"a\""),
            List.of("\"b\"")));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void textsOfASchemaAreTakenAndNoOthers(String schema, List<String> good, List<String> bad) {
    TextState begin = begin(schema);
    Checker checker = new Checker(json(schema));
    for (String text : good) {
      assertThat(takes(begin, text)).as(text).isTrue();
      if (!schema.contains("%20")) {
        assertThat(checker.takes(text)).as("the checker on " + text).isTrue();
      }
      for (int end = 0; end < text.length(); end++) {
        assertThat(after(begin, text.substring(0, end))).as(text).isNotNull();
      }
    }
    for (String text : bad) {
      assertThat(takes(begin, text)).as(text).isFalse();
    }
  }

  /** Each walk ends, since nothing is begun that cannot be; and where it ends is a right value. */
  @ParameterizedTest
  @MethodSource("schemas")
  void randomWalksEndInTextsThatACheckerTakes(String schema, List<String> good, List<String> bad) {
    if (schema.contains("%20")) {
      return;
    }
    Random random = new Random(SEED);
    Checker checker = new Checker(json(schema));
    TextState begin = begin(schema);
    String letters = alphabet(schema, good);
    int twice = 0;
    for (int trial = 0; trial < 100; trial++) {
      String text = walk(begin, letters, random);
      assertThat(checker.takes(text)).as("%s, seed %d", text, SEED).isTrue();
      twice += Checker.isStrict(text) ? 0 : 1;
      for (int times = 0; times < 20; times++) {
        String other = mutated(text, letters, random);
        if (takes(begin, other)) {
          assertThat(checker.takes(other)).as("%s, seed %d", other, SEED).isTrue();
        }
      }
    }
    // Only names that are not declared may stand twice.
    assertThat(twice > 0 && schema.contains("\"additionalProperties\": false")).isFalse();
  }

  private static String alphabet(String schema, List<String> good) {
    StringBuilder letters = new StringBuilder("{}[]\",:01.eE+- \n\\untfrax/");
    (schema + good).chars().distinct().limit(200).forEach(c -> letters.append((char) c));
    // Halves of pairs are read together, as from tokens.
    return letters.toString().replaceAll("[\\ud800-\\udfff]", "");
  }

  private static String walk(TextState begin, String letters, Random random) {
    StringBuilder text = new StringBuilder();
    TextState state = begin;
    while (!(state.isComplete() && (text.length() > 200 || random.nextInt(3) == 0))) {
      // What ends something comes more often the longer it is, and white space seldom.
      String some = text.length() > random.nextInt(300) ? "}]\":,0nl" : letters;
      TextState next = null;
      char c = 0;
      for (int times = 0; times < 200 && next == null; times++) {
        String from = times < 100 ? some : letters;
        c = from.charAt(random.nextInt(from.length()));
        next = c == ' ' && random.nextInt(4) > 0 ? null : state.next(c);
      }
      for (c = next == null ? ' ' : c; next == null && c < 0x7F; c++) {
        next = state.next((char) (c + 1));
      }
      if (next == null && state.isComplete()) {
        break;
      }
      assertThat(next).as("what may follow " + text).isNotNull();
      text.append(c);
      state = next;
      assertThat(text.length()).isLessThan(20_000);
    }
    return text.toString();
  }

  private static String mutated(String text, String letters, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int times = 1 + random.nextInt(2); times > 0 && !mutated.isEmpty(); times--) {
      int at = random.nextInt(mutated.length());
      char letter = letters.charAt(random.nextInt(letters.length()));
      switch (random.nextInt(4)) {
        case 0 -> mutated.setCharAt(at, letter);
        case 1 -> mutated.insert(at, letter);
        case 2 -> mutated.deleteCharAt(at);
        default -> mutated.insert(at, text, 0, Math.min(text.length(), 1 + random.nextInt(8)));
      }
    }
    return mutated.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\": \"string\", \"pattern\": \"a\"} | pattern",
        "{\"type\": \"string\", \"format\": \"date\"} | format",
        "{\"type\": \"object\", \"properties\": {\"a b\": {\"minimum\": 1}}} |"
            + " properties.a b.minimum",
        "{\"type\": \"array\", \"items\": {\"anyOf\": [true, {\"oneOf\": [true]}]}} |"
            + " items.anyOf[1].oneOf",
        "{\"allOf\": [true, {}]} | allOf",
        "{\"not\": {}} | not",
        "{\"if\": true} | if",
        "{\"type\": \"object\", \"patternProperties\": {}} | patternProperties",
        "{\"type\": \"array\", \"uniqueItems\": true} | uniqueItems",
        "{\"type\": \"array\", \"contains\": true} | contains",
        "{\"type\": \"array\", \"items\": [true]} | items",
        "{\"type\": \"object\", \"minProperties\": 1} | minProperties",
        "{\"type\": \"number\", \"multipleOf\": 2} | multipleOf",
        "{\"type\": \"string\", \"nullable\": true} | nullable",
        "{\"type\": \"string\", \"maxLength\": 2000000} | maxLength",
        "{\"type\": \"string\", \"enum\": [\"a\"], \"minLength\": 1} | minLength",
        "{\"allOf\": [true], \"enum\": [1]} | enum",
        "{\"type\": \"object\", \"anyOf\": [true]} | type",
        "{\"$ref\": \"#/$defs/a\", \"type\": \"string\", \"$defs\": {\"a\": true}} | type",
        "{\"$ref\": \"https://x/y\"} | $ref",
        "{\"$ref\": \"#anchor\"} | $ref",
        "{\"items\": {\"$id\": \"a\"}} | items.$id",
        "{\"items\": {\"$ref\": \"#/$defs/a\"}, \"$defs\": {\"a\": {\"pattern\": \"\"}}} |"
            + " $defs.a.pattern",
        "{\"sparkle\": 1} | sparkle",
        "{\"enum\": [1e999]} | enum"
      })
  void whatIsNotEnforcedIsRefusedByPlaceAndName(String schema, String path) {
    SchemaException refused = refused(schema);
    assertThat(refused.fault()).isEqualTo(Fault.UNSUPPORTED);
    assertThat(refused.path()).isEqualTo(path);
    assertThat(refused).hasMessageContaining(path).hasMessageContaining("not supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1 | ``",
        "[] | ``",
        "false | ``",
        "{\"type\": \"text\"} | type",
        "{\"type\": []} | type",
        "{\"type\": [\"string\", 1]} | type",
        "{\"properties\": []} | properties",
        "{\"properties\": {\"a\": 1}} | properties.a",
        "{\"required\": \"a\"} | required",
        "{\"required\": [1]} | required",
        "{\"type\": \"object\", \"required\": [\"a\"], \"additionalProperties\": false} | required",
        "{\"items\": 1} | items",
        "{\"prefixItems\": []} | prefixItems",
        "{\"anyOf\": []} | anyOf",
        "{\"anyOf\": {}} | anyOf",
        "{\"enum\": []} | enum",
        "{\"enum\": {}} | enum",
        "{\"type\": \"string\", \"enum\": [1]} | enum",
        "{\"type\": \"string\", \"const\": 1} | const",
        "{\"minLength\": -1} | minLength",
        "{\"minLength\": 1.5} | minLength",
        "{\"minItems\": \"1\"} | minItems",
        "{\"minLength\": 3, \"maxLength\": 2} | minLength",
        "{\"minItems\": 3, \"maxItems\": 2} | minItems",
        "{\"$ref\": 1} | $ref",
        "{\"$ref\": \"#/$defs/a\"} | $ref",
        "{\"$ref\": \"#/$defs\", \"$defs\": {}} | $ref",
        "{\"$ref\": \"#/default/x\", \"default\": {\"x\": true}} | $ref",
        "{\"anyOf\": [true, {\"$ref\": \"#/anyOf/2\"}]} | anyOf[1].$ref",
        "{\"$ref\": \"#/%zz\"} | $ref",
        // What leads to itself alone, and what would nest for ever.
        "{\"$ref\": \"#\"} | ``",
        "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#\"}}, \"required\": [\"a\"]}"
            + " | ``",
        "{\"type\": \"array\", \"items\": {\"$ref\": \"#\"}, \"minItems\": 1} | ``"
      })
  void whatIsNoSchemaIsRefusedByPlace(String schema, String path) {
    SchemaException refused = refused(schema);
    assertThat(refused.fault()).isEqualTo(Fault.INVALID);
    assertThat(refused.path()).isEqualTo(path);
  }

  private static SchemaException refused(String schema) {
    return catchThrowableOfType(SchemaException.class, () -> JsonSchema.of(json(schema)));
  }

  @Test
  void aChoiceThatLeadsToItselfHasNoMoreThanItsOtherValues() {
    TextState begin = begin("{\"anyOf\": [{\"$ref\": \"#\"}, {\"type\": \"null\"}]}");
    assertThat(takes(begin, "null")).isTrue();
    assertThat(after(begin, "1")).isNull();
  }

  /** Schemas of all that is supported, at random. */
  @Test
  void textsOfRandomSchemasAreTakenByAChecker() {
    Random random = new Random(SEED);
    int compiled = 0;
    for (int trial = 0; trial < 400; trial++) {
      String schema = RandomSchema.of(random);
      TextState begin;
      try {
        begin = begin(schema);
      } catch (SchemaException e) {
        // No value fits it.
        assertThat(e.fault()).as("%s: %s", schema, e.getMessage()).isEqualTo(Fault.INVALID);
        continue;
      }
      compiled++;
      Checker checker = new Checker(json(schema));
      for (int times = 0; times < 5; times++) {
        String text = walk(begin, "{}[]\",:01.eE+- \n\\untfrabc", random);
        assertThat(checker.takes(text)).as("%s of %s, seed %d", text, schema, SEED).isTrue();
        String other = mutated(text, "{}[]\",:01.-abcn", random);
        if (takes(begin, other)) {
          assertThat(checker.takes(other)).as("%s of %s", other, schema).isTrue();
        }
      }
    }
    assertThat(compiled).isGreaterThan(250);
  }

  @Test
  void annotationsAreNothingToHoldAValueTo() {
    assertThat(
            takes(
                begin(
                    """
                    {"$schema": "x", "$id": "y", "$comment": "z", "title": "t", "description": "d",
                    "default": 1, "examples": [2], "deprecated": true, "readOnly": true,
                    "writeOnly": false, "type": "string"}
                    """),
                "\"a\""))
        .isTrue();
  }

  @Test
  void depthAndWhiteSpaceAreBounded() {
    TextState any = begin("true");
    assertThat(after(any, "[".repeat(64))).isNotNull();
    assertThat(after(any, "[".repeat(65))).isNull();
    assertThat(after(any, "[" + " ".repeat(64))).isNotNull();
    assertThat(after(any, "[" + " ".repeat(65))).isNull();
    // Nothing is begun that could not be ended.
    TextState nested =
        begin(
            """
            {"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#"},
            {"type": "null"}]}, "b": {"const": [[]]}}, "required": ["a", "b"]}
            """);
    assertThat(after(nested, "{\"a\":".repeat(62) + "null,\"b\":[[]]")).isNotNull();
    assertThat(after(nested, "{\"a\":".repeat(62) + "{")).isNull();
  }

  @Test
  void schemasAreBounded() {
    StringBuilder many = new StringBuilder("{\"properties\": {");
    for (int i = 0; i < 6000; i++) {
      many.append("\"%d\": {\"type\": \"null\"},".formatted(i));
    }
    String tooMany = many.append("\"x\": true}}").toString();
    assertThatThrownBy(() -> begin(tooMany)).hasMessageContaining("5000 schemas");
    String tooLong = "{\"const\": \"%s\"}".formatted("é".repeat(40_000));
    assertThatThrownBy(() -> begin(tooLong)).hasMessageContaining("20000");
    String tooLarge = "{\"title\": \"%s\"}".formatted("a".repeat(1 << 18));
    assertThatThrownBy(() -> begin(tooLarge)).hasMessageContaining("262144");
    String tooWide = "{\"anyOf\": [%s true]}".formatted("{\"type\": \"null\"}, ".repeat(64));
    assertThatThrownBy(() -> begin(tooWide)).hasMessageContaining("32 alternatives");
    StringBuilder deep = new StringBuilder();
    for (int i = 0; i < 490; i++) {
      deep.append("{\"items\": ");
    }
    assertThat(begin(deep + "true" + "}".repeat(490))).isNotNull();
  }

  /** Twice as many readings for each level, were they not bounded. */
  @Test
  void readingsAreBounded() {
    String one =
        """
        {"type": "object", "properties": {"a": {"$ref": "#"}, "%s": true},
        "additionalProperties": false}
        """;
    TextState begin =
        begin("{\"anyOf\": [%s, %s]}".formatted(one.formatted("x"), one.formatted("y")));
    String open = "{\"a\":".repeat(20) + "{";
    SchemaText text = (SchemaText) after(begin, open);
    assertThat(text.readings()).hasSize(SchemaText.MOST_READINGS);
    assertThat(after(text, "}" + "}".repeat(20)).isComplete()).isTrue();
  }

  @Test
  void textsOfEqualSchemasAreEqualPlaces() {
    String schema = "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}";
    assertThat(after(begin(schema), "[\"a\", \"b")).isEqualTo(after(begin(schema), "[\"c"));
    assertThat(after(begin(schema), "[\"a\", \"b").hashCode())
        .isEqualTo(after(begin(schema), "[\"c").hashCode());
    assertThat(after(begin(schema), "[")).isNotEqualTo(after(begin(schema), "[ "));
    assertThat(begin(schema)).isNotEqualTo(begin("{\"type\": \"array\"}"));
  }

  /** What is kept for a place is worth keeping only where texts come to it again. */
  @Test
  void placesAreFew() {
    TextState state =
        begin(
            """
            {"type": "array", "items": {"type": "object",
            "properties": {"name": {"type": "string"}, "size": {"type": "number"}},
            "required": ["name", "size"], "additionalProperties": false}}
            """);
    Map<TextState, Integer> seen = new HashMap<>();
    String text = "[" + "{\"name\": \"some name\", \"size\": 12.5}, ".repeat(50);
    for (int i = 0; i < text.length(); i++) {
      state = state.next(text.charAt(i));
      seen.merge(state, 1, Integer::sum);
    }
    assertThat(seen).hasSizeLessThan(45);
  }

  /** Far from its bounds a string is one place, which allows what each of its places does. */
  @Test
  void countsFarFromTheirBoundsAreOnePlace() {
    TextState state = begin("{\"type\": \"string\", \"minLength\": 300, \"maxLength\": 900}");
    String text = "\"" + "a\ud83d\ude42\\u00e9\\ud83d\\ude42".repeat(225) + "\"";
    Set<TextState> seen = new HashSet<>();
    int longest = 20;
    for (int i = 0; i < text.length(); i++) {
      TextState same = state.within(longest);
      seen.add(same);
      assertThat(same.isComplete()).isEqualTo(state.isComplete());
      for (String next :
          List.of(
              "a".repeat(20), "a".repeat(10), "b\"", "\"", "\\n\\", "\\ud83d\\ude42", "\uFFFD")) {
        assertThat(after(same, next) == null).isEqualTo(after(state, next) == null);
      }
      state = state.next(text.charAt(i));
      assertThat(state).as("character %d", i).isNotNull();
    }
    assertThat(state.isComplete()).isTrue();
    // Of some 900 characters, in each of which an escape has several places.
    assertThat(seen.size()).isLessThan(300);
  }

  @Test
  void allThatIsWrittenCanBeWrittenInAsciiCharacters() {
    String characters =
        JsonSchema.of(
                json("{\"properties\": {\"größe\": {\"enum\": [\"漢\", \"Zz\"]}}, \"items\": true}"))
            .characters();
    Map<Integer, Long> counts = new TreeMap<>();
    characters.chars().forEach(c -> counts.merge(c, 1L, Long::sum));
    assertThat(counts.values()).containsOnly(1L);
    assertThat(counts.keySet()).allMatch(c -> c < 0x80);
    assertThat(characters)
        .contains("{", "}", "[", "]", "\"", "\\", "u", "0", "g", "r", "f", "6", "Z");
  }

  /** In little memory: each of many places has a long name above it. */
  @Test
  void longNamesAboveManyPlacesAreNoBurden() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 4_500; i++) {
      many.append(i == 0 ? "" : ", ").append("\"%d\": {}".formatted(i));
    }
    String within = "{\"properties\": {%s}}".formatted(many);
    for (int i = 0; i < 3; i++) {
      within = "{\"properties\": {\"%s\": %s}}".formatted("n".repeat(40_000), within);
    }
    String schema = within;
    assertThatThrownBy(() -> begin(schema))
        .hasMessageContaining("20000 characters")
        .satisfies(fault -> assertThat(fault.getMessage().length()).isLessThan(1_000));
  }

  @Test
  void aReferenceIntoNothingIsSeenAtOnce() {
    String far = "{\"$ref\": \"#%s\"}".formatted("/items".repeat(40_000));
    assertThatThrownBy(() -> begin(far))
        .hasMessageContaining("leads to no schema")
        .satisfies(fault -> assertThat(fault.getMessage().length()).isLessThan(1_000));
  }

  @Test
  void aReferenceThroughASchemaOfItsOwnNameIsRefused() {
    String through =
        """
        {"$ref": "#/$defs/x/properties/y", "$defs": {
          "x": {"$id": "http://other/", "properties": {"y": {"$ref": "#/$defs/z"}},
                "$defs": {"z": {"type": "string"}}},
          "z": {"type": "integer"}}}\
        """;
    assertThatThrownBy(() -> begin(through)).hasMessageContaining("$id");
  }
}
