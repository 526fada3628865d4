package org.resa4j.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.resa4j.error.InputException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against what Jinja2 renders; see chat-templates/golden.py. */
class JinjaTemplateTest {
  private static final Path RESOURCES = Path.of("src/test/resources/chat-templates");
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Clock CLOCK = clock(LocalDateTime.of(2024, 3, 9, 14, 5, 7, 123_456_000));

  private static Clock clock(LocalDateTime time) {
    return Clock.fixed(time.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
  }

  private static JsonNode read(String file) throws IOException {
    return MAPPER.readTree(Files.readString(RESOURCES.resolve(file)));
  }

  private static Map<String, Object> map(JsonNode node) {
    return MAPPER.convertValue(node, new TypeReference<Map<String, Object>>() {});
  }

  private static String render(String template) {
    return new JinjaTemplate(template).render(Map.of());
  }

  @TestFactory
  List<DynamicTest> expressionsAndStatements() throws IOException {
    JsonNode golden = read("expressions.json");
    Map<String, Object> variables = map(golden.path("variables"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode expected : golden.path("cases")) {
      String source = expected.path("template").asString();
      tests.add(dynamicTest(source, () -> assertRenders(source, variables, expected)));
    }
    return tests;
  }

  private static void assertRenders(String source, Map<String, ?> variables, JsonNode expected) {
    if (expected.has("error")) {
      assertThatThrownBy(() -> new JinjaTemplate(source, CLOCK).render(variables))
          .isInstanceOf(InputException.class);
      return;
    }
    String text = new JinjaTemplate(source, CLOCK).render(variables);
    if (expected.has("expected")) {
      assertThat(text).isEqualTo(expected.path("expected").asString());
    }
  }

  @TestFactory
  List<DynamicTest> whatIsNotSupportedIsRefused() throws IOException {
    JsonNode golden = read("expressions.json");
    Map<String, Object> variables = map(golden.path("variables"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode refused : golden.path("refused")) {
      tests.add(
          dynamicTest(
              refused.asString(),
              () ->
                  assertThatThrownBy(() -> new JinjaTemplate(refused.asString()).render(variables))
                      .isInstanceOf(InputException.class)
                      .hasMessageContaining("line 1")));
    }
    return tests;
  }

  /** Templates from reports of what other evaluators do not get right. */
  @TestFactory
  List<DynamicTest> reported() throws IOException {
    JsonNode golden = read("cases/expected.json");
    Map<String, Object> variables = map(golden);
    Clock then = clock(LocalDateTime.of(2026, 11, 26, 12, 0));
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .path("expected")
        .forEachEntry(
            (file, expected) ->
                tests.add(
                    dynamicTest(
                        file,
                        () -> {
                          String source = Files.readString(RESOURCES.resolve("cases/" + file));
                          assertThat(new JinjaTemplate(source, then).render(variables))
                              .isEqualTo(expected.asString());
                        })));
    return tests;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '`',
      value = {
        "{% nope %} ¦ unknown tag 'nope'",
        "{{ s | nope }} ¦ no filter named 'nope'",
        "{{ s is nope }} ¦ no test named 'nope'",
        "{{ nope() }} ¦ 'nope' is undefined",
        "{{ nope.x }} ¦ 'nope' is undefined",
        "{{ 'a'.nope() }} ¦ 'str' has no attribute 'nope'",
        "{{ [1].append(2) }} ¦ access to attribute 'append' of 'list' object is unsafe",
        "{{ 'a'.upper(x=1) }} ¦ no argument 'x'",
        "{{ 'a' | upper | replace('A') }} ¦ needs the argument 'new'",
        "{{ [] | tojson(nope=1) }} ¦ no argument 'nope'",
        "{% include 'x' %} ¦ the tag 'include' is not supported",
        "{% if a %} ¦ needs elif or else or endif",
      })
  void errorsNameWhatIsWrongAndTheLine(String template, String message) {
    assertThatThrownBy(() -> render("\n\n" + template))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 3")
        .hasMessageContaining(message);
  }

  @Test
  void theLineIsThatOfTheCallOnceAMacroIsLeft() {
    assertThatThrownBy(() -> render("{% macro f() %}\n\n{{ 1 }}{% endmacro %}\n\n{{ f() + 1 }}"))
        .hasMessageContaining("line 5");
    assertThatThrownBy(() -> render("{% macro f() %}\n{{ 1 + x }}{% endmacro %}\n\n{{ f() }}"))
        .hasMessageContaining("line 2");
  }

  @Test
  void whatATemplateRaisesIsPassedOnInItsOwnWords() {
    assertThatThrownBy(() -> render("\n{{ raise_exception('Only user and assistant!') }}"))
        .isInstanceOf(InputException.class)
        .hasMessage("Only user and assistant!");
  }

  @Test
  void variablesAreOfAnyNumberButOfNoOtherClass() {
    Map<String, Object> variables = new HashMap<>();
    variables.put("a", 1);
    variables.put("b", (short) 2);
    variables.put("c", 1.5f);
    variables.put("d", BigInteger.TEN);
    variables.put("e", null);
    variables.put("f", Map.of("k", List.of(true)));
    JinjaTemplate template = new JinjaTemplate("{{ [a, b, c, d, e, f] }}");
    assertThat(template.render(variables)).isEqualTo("[1, 2, 1.5, 10, None, {'k': [True]}]");
    for (Object foreign : List.of(new Object(), Thread.currentThread(), 'c', new StringBuilder())) {
      assertThatThrownBy(() -> template.render(Map.of("a", foreign)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(foreign.getClass().getName());
    }
    assertThatThrownBy(() -> template.render(Map.of("a", BigInteger.TWO.pow(64))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("64 bits");
  }

  @Test
  void manyThreadsRenderAtATime() throws Exception {
    JinjaTemplate template =
        new JinjaTemplate(
            "{% set ns = namespace(s='') %}{% for i in range(200) %}{% set ns.s = ns.s ~ x %}"
                + "{% endfor %}{{ ns.s }}");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String x = "<" + i + ">";
        tasks.add(() -> template.render(Map.of("x", x)));
      }
      int i = 0;
      for (Future<String> text : threads.invokeAll(tasks)) {
        assertThat(text.get()).isEqualTo(("<" + i++ + ">").repeat(200));
      }
    }
  }
}
