package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.error.InputException;
import org.resa4j.format.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Against what Jinja2 renders; see chat-templates/golden.py. */
class ChatTemplateTest {
  private static final Path RESOURCES = Path.of("src/test/resources/chat-templates");
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path model;
  private JsonNode golden;

  @BeforeEach
  void readGolden() {
    golden = Json.read(RESOURCES.resolve("golden.json"));
  }

  @TestFactory
  List<DynamicContainer> publishedTemplates() {
    List<DynamicContainer> containers = new ArrayList<>();
    for (JsonNode entry : golden.path("templates")) {
      List<DynamicTest> tests = new ArrayList<>();
      for (JsonNode expected : entry.path("cases")) {
        tests.add(
            dynamicTest(
                expected.path("name").asString(),
                () -> {
                  String file = entry.path("template").asString();
                  ObjectNode config = entry.path("tokens").deepCopy().asObject();
                  config.put("chat_template", Files.readString(RESOURCES.resolve(file)));
                  assertRenders(() -> load(config), expected);
                }));
      }
      containers.add(dynamicContainer(entry.path("template").asString(), tests));
    }
    return containers;
  }

  @TestFactory
  List<DynamicTest> syntax() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode snippet : golden.path("snippets")) {
      String template = snippet.path("template").asString();
      tests.add(dynamicTest(template, () -> assertRenders(() -> load(template), snippet)));
    }
    return tests;
  }

  @TestFactory
  List<DynamicTest> brokenTemplatesAreRefusedWhenAChatNeedsThem() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode broken : golden.path("broken")) {
      tests.add(
          dynamicTest(
              broken.asString(),
              () -> assertBroken(load(broken.asString()), "tokenizer_config.json")));
    }
    return tests;
  }

  /** It loads, since who writes without it need not care; a chat hears of it, each time. */
  private static void assertBroken(ChatTemplate template, String file) {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> template.render(List.of(Message.user("Hi")), true))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file);
    }
  }

  private interface Loader {
    ChatTemplate load() throws IOException;
  }

  private static void assertRenders(Loader loader, JsonNode expected) throws IOException {
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : expected.path("messages")) {
      messages.add(
          new Message(message.path("role").asString(), message.path("content").asString()));
    }
    boolean prompt = expected.path("add_generation_prompt").asBoolean();
    if (expected.has("error")) {
      // What is unknown may be found when loading or when rendering.
      assertThatThrownBy(() -> loader.load().render(messages, prompt))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(expected.path("error").asString());
    } else {
      ChatTemplate template = loader.load();
      String text = expected.path("expected").asString();
      assertThat(template.render(messages, prompt)).isEqualTo(text);
      // A rendering leaves nothing behind.
      assertThat(template.render(messages, prompt)).isEqualTo(text);
    }
  }

  private ChatTemplate load(String template) throws IOException {
    return load(MAPPER.createObjectNode().put("chat_template", template));
  }

  private ChatTemplate load(ObjectNode config) throws IOException {
    Files.writeString(model.resolve("tokenizer_config.json"), config.toString());
    return ChatTemplate.load(model).orElseThrow();
  }

  private static final List<Message> HELLO = List.of(new Message("user", "Hello"));

  @Test
  void aModelWithoutATemplateHasNone() throws IOException {
    assertThat(ChatTemplate.load(model)).isEmpty();
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": null}");
    assertThat(ChatTemplate.load(model)).isEmpty();
  }

  @Test
  void theTemplateNamedDefaultIsTaken() throws IOException {
    ObjectNode config = MAPPER.createObjectNode();
    config
        .putArray("chat_template")
        .add(MAPPER.createObjectNode().put("name", "tool_use").put("template", "tool"))
        .add(MAPPER.createObjectNode().put("name", "default").put("template", "default"));
    assertThat(load(config).render(HELLO, false)).isEqualTo("default");
    config.withArray("chat_template").remove(1);
    ChatTemplate without = load(config);
    assertBroken(without, "named default");
    assertBroken(without, "tokenizer_config.json");
  }

  @Test
  void aTemplateFileGoesBeforeTheConfiguration() throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), "{{ bos_token }}file\n");
    assertThat(ChatTemplate.load(model).orElseThrow().render(HELLO, false)).isEqualTo("file");
    ObjectNode config = MAPPER.createObjectNode().put("chat_template", "configuration");
    config.putObject("bos_token").put("content", "<s>").put("special", true);
    assertThat(load(config).render(HELLO, false)).isEqualTo("<s>file");
  }

  @Test
  void aBrokenTemplateFileIsNamed() throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), "{% if %}");
    assertBroken(ChatTemplate.load(model).orElseThrow(), "chat_template.jinja");
  }

  @Test
  void toolsAndDocumentsAreNone() throws IOException {
    String template = "{{ tools is defined }} {{ tools is none }} {{ documents is none }}";
    assertThat(load(template).render(HELLO, true)).isEqualTo("True True True");
    assertThat(load(template).render(HELLO, true, Map.of("tools", List.of())))
        .isEqualTo("True False True");
  }

  @Test
  void brokenJsonIsNamed() throws IOException {
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"chat_template\": ");
    assertThatThrownBy(() -> ChatTemplate.load(model))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer_config.json");
  }

  @Test
  void marksOfTheModelsOwnTextPrintNothing() throws IOException {
    String template =
        """
        {% for m in messages %}
        <
        {%- generation %}
        {{ m.content }}
        {% endgeneration %}
        >
        {% endfor %}
        """;
    assertThat(load(template).render(HELLO, false)).isEqualTo("<Hello\n>\n");
  }

  @Test
  void theDateIsTodays() throws IOException {
    LocalDate before = LocalDate.now();
    String text = load("{{ strftime_now('%Y-%m-%d') }}").render(HELLO, false);
    assertThat(text).isIn(before.toString(), LocalDate.now().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% include 'chat-templates/qwen3.jinja' %}",
        "{% import 'chat-templates/qwen3.jinja' as x %}",
        "{{ '{{ 1 }}' | render }}",
        "{{ 8 | root }}",
        "{{ messages.getClass() }}",
        "{{ messages.__class__.__mro__ }}",
        "{{ 'x'.__class__.__base__ }}",
        "{{ 'x'.getClass().forName('java.lang.Runtime') }}",
        "{{ raise_exception.getClass() }}"
      })
  void nothingOutsideOfTheConversationIsInReach(String template) {
    assertThatThrownBy(() -> load(template).render(HELLO, false))
        .isInstanceOf(InputException.class);
  }

  @Test
  void aMessageNeedsRoleAndContent() {
    assertThatThrownBy(() -> new Message(" ", "x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Message("user", null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void messagesHaveFieldsBesideRoleAndContent() throws IOException {
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("name", "add");
    call.put("arguments", Map.of("a", 1));
    Message message = new Message("assistant", "", Map.of("tool_calls", List.of(call)));
    assertThat(
            load("{% for c in messages[0].tool_calls %}{{ c | tojson }}{% endfor %}")
                .render(List.of(message), false))
        .isEqualTo("{\"name\": \"add\", \"arguments\": {\"a\": 1}}");
    assertThat(load("{{ messages[0].tool_calls is defined }}").render(HELLO, false))
        .isEqualTo("False");
    assertThatThrownBy(() -> new Message("user", "x", Map.of("role", "system")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
