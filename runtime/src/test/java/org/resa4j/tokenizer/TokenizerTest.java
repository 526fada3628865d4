package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  void charactersOfBytesThatFollowEachOtherComeWhole() {
    Tokenizer bytes = Tokenizer.load(Path.of("src/test/resources/tokenizers/stories260K"));
    String text = "\u20ac\ud83d\ude42\u00e9\ud835\udc9c end";
    StreamDecoder decoder = new StreamDecoder(bytes, false);
    StringBuilder heard = new StringBuilder();
    for (int id : bytes.encode(text, true)) {
      heard.append(decoder.add(id));
    }
    assertThat(heard.append(decoder.finish())).hasToString(text);
  }

  @Test
  void tokensAreFoundByTheirText() {
    int end = tokenizer.encode("<|endoftext|>", false)[0];
    assertThat(tokenizer.tokenId("<|endoftext|>")).hasValue(end);
    assertThat(tokenizer.tokenId("!")).hasValue(tokenizer.encode("!", false)[0]);
    assertThat(tokenizer.tokenId("no such token")).isEmpty();
    assertThat(tokenizer.isSpecial(end)).isTrue();
    assertThat(tokenizer.isSpecial(0)).isFalse();
    assertThat(tokenizer.isSpecial(-1)).isFalse();
    assertThat(tokenizer.isSpecial(Integer.MAX_VALUE)).isFalse();
    assertThat(tokenizer.size()).isEqualTo(426);
  }

  @Test
  void boundariesComeInsteadOfTheFilesOwn() {
    Tokenizer file = Tokenizer.load(Path.of("src/test/resources/cases/special-tokens-map"));
    int[] plain = file.encode("Hello world", false);
    assertThat(file.encode("Hello world", true)).startsWith(1).endsWith(plain);
    Tokenizer none = file.withFirst(OptionalInt.empty()).withLast(OptionalInt.empty());
    assertThat(none.encode("Hello world", true)).isEqualTo(plain);
    Tokenizer both = file.withFirst(OptionalInt.of(2)).withLast(OptionalInt.of(1));
    assertThat(both.encode("Hello world", true)).startsWith(2).endsWith(1).contains(plain);
    assertThat(both.encode("Hello world", false)).isEqualTo(plain);
    assertThatThrownBy(() -> file.withFirst(OptionalInt.of(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The library's tables are those of Unicode 9; U+1DFA came with 14. */
  @Test
  void laterCharactersAreNotNormalized() throws IOException {
    Path directory = Golden.file("models/qwen2/tokenizer.json").getParent();
    String text = "\u08f9\u1dfae\u1dfa\u0301 e\u0301 \ud801\uddd2\u0307";
    try (Reference reference = new Reference(directory)) {
      assertThat(tokenizer.encode(text, false)).isEqualTo(reference.encode(text, false));
    }
  }

  @Test
  void numbersThatAreNoTokensHaveNoText() {
    int[] ids = {-1, tokenizer.encode("a", false)[0], 1 << 20, Integer.MAX_VALUE};
    assertThat(tokenizer.decode(ids, 0, ids.length, true)).isEqualTo("a");
  }

  @Test
  void halfASurrogatePairIsTheReplacementCharacter() {
    assertThat(tokenizer.encode("a\ud83d b\ude42", false))
        .isEqualTo(tokenizer.encode("a\ufffd b\ufffd", false));
  }

  @Test
  void bytesThatAreNoUtf8AreReplacedAsRustReplacesThem() throws IOException {
    Path directory = Golden.file("models/qwen2/tokenizer.json").getParent();
    Random random = new Random(3);
    try (Reference reference = new Reference(directory)) {
      for (int i = 0; i < 20_000; i++) {
        // Tokens of one byte.
        int[] ids = random.ints(1 + random.nextInt(8), 0, 256).toArray();
        assertThat(tokenizer.decode(ids, 0, ids.length, true))
            .isEqualTo(reference.decode(ids, true));
      }
    }
  }

  @Test
  void manyThreadsShareOne() throws Exception {
    String[] texts = {"one two", "a \u20ac b", "def f(x):\n  return x", "  \n 12345"};
    List<int[]> expected = Arrays.stream(texts).map(text -> tokenizer.encode(text, true)).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        runs.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    assertThat(tokenizer.encode(texts[i % 4], true)).isEqualTo(expected.get(i % 4));
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
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
