package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizerTest {
  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() {
    tokenizer = Tokenizer.load(Golden.file("models/qwen2/tokenizer.json").getParent());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private record Case(String text, int[] ids, String decoded) {}

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    String json = Files.readString(Golden.file("models/tokenizer-cases.json"));
    for (JsonNode node : JsonMapper.shared().readTree(json)) {
      int[] ids = new int[node.path("ids").size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = node.path("ids").get(i).asInt();
      }
      cases.add(new Case(node.path("text").asString(), ids, node.path("decoded").asString()));
    }
    return cases;
  }

  @TestFactory
  List<DynamicTest> equalsTheReferenceLibrary() throws IOException {
    return cases().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    "case '" + each.text + "'",
                    () -> {
                      assertThat(tokenizer.encode(each.text, false)).isEqualTo(each.ids);
                      assertThat(streamed(each.ids)).isEqualTo(each.decoded);
                    }))
        .toList();
  }

  /** Text put together as a reader of a stream sees it. */
  private static String streamed(int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.add(id));
    }
    return text.append(decoder.finish()).toString();
  }

  @Test
  void bytesThatNeverMakeACharacterAreNotHeldBackForLong() {
    // The first byte of a character of three, again and again.
    int first = tokenizer.encode("\u20ac", false)[0];
    StreamDecoder decoder = new StreamDecoder(tokenizer, false);
    int heard = 0;
    for (int i = 0; i < 40; i++) {
      heard += decoder.add(first).length();
    }
    assertThat(heard).isGreaterThanOrEqualTo(36);
  }

  @Test
  void specialTokensInATextLeaveNothingBehind() {
    int end = tokenizer.encode("<|endoftext|>", false)[0];
    int[] words = tokenizer.encode("one two", false);
    StreamDecoder decoder = new StreamDecoder(tokenizer, false);
    StringBuilder text = new StringBuilder();
    for (int word : words) {
      text.append(decoder.add(word));
      for (int i = 0; i < 50; i++) {
        assertThat(decoder.add(end)).isEmpty();
      }
    }
    assertThat(text.append(decoder.finish())).hasToString("one two");
  }

  @Test
  void aCharacterSpreadOverTokensComesWhole() {
    int[] ids = tokenizer.encode("a 🙂 b", false);
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    List<String> parts = new ArrayList<>();
    for (int id : ids) {
      String part = decoder.add(id);
      assertThat(part).doesNotContain("\uFFFD");
      if (!part.isEmpty()) {
        parts.add(part);
      }
    }
    assertThat(ids.length).isGreaterThan(parts.size());
    assertThat(String.join("", parts)).isEqualTo("a 🙂 b");
    assertThat(decoder.finish()).isEmpty();
  }

  @Test
  void aTextCutWithinACharacterStillEnds() {
    int[] ids = tokenizer.encode("🙂", false);
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    assertThat(decoder.add(ids[0])).isEmpty();
    assertThat(decoder.finish()).isEqualTo("\uFFFD");
  }

  @Test
  void filesThatAreNoTokenizerAreNamed(@TempDir Path directory) throws IOException {
    assertThatThrownBy(() -> Tokenizer.load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer.json: no such file");
    Files.writeString(
        directory.resolve("tokenizer.json"),
        "{\"version\":\"1.0\",\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}");
    assertThatThrownBy(() -> Tokenizer.load(directory))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining("no tokenizer that can be used");
    Files.writeString(directory.resolve("tokenizer.json"), "{\"version\":");
    assertThatThrownBy(() -> Tokenizer.load(directory)).isInstanceOf(InputException.class);
  }
}
