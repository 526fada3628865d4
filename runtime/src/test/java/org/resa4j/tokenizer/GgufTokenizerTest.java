package org.resa4j.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.resa4j.engine.Golden;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.MetadataOnly;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against what llama.cpp makes of the same files. */
class GgufTokenizerTest {
  private static final Map<String, String> MODELS =
      Map.of(
          "stories260K", "stories260K-F32",
          "qwen2", "qwen2-F32",
          "qwen3", "qwen3-F16",
          "llama3", "llama3-F16",
          "mistral", "mistral-BF16");

  static GgufMetadata model(String file) {
    return MetadataOnly.of(Golden.file("gguf/models/" + file + ".gguf"));
  }

  static GgufMetadata vocabulary(String name) throws IOException {
    Path packed = Golden.file("gguf/vocab/ggml-vocab-" + name + ".gguf.gz");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
      return MetadataOnly.of(packed, in.readAllBytes());
    }
  }

  @TestFactory
  Stream<DynamicContainer> smallModels() throws IOException {
    JsonNode golden =
        JsonMapper.shared()
            .readTree(Files.readString(Golden.file("gguf/text/tokenizer-llamacpp.json")));
    return golden
        .propertyStream()
        .map(
            model -> {
              Tokenizer tokenizer = Tokenizer.of(model(MODELS.get(model.getKey())));
              List<DynamicTest> tests = new ArrayList<>();
              for (JsonNode each : model.getValue().path("cases")) {
                String text = each.path("text").asString();
                tests.add(dynamicTest("'" + text + "'", () -> check(tokenizer, text, each)));
              }
              return dynamicContainer(model.getKey(), tests);
            });
  }

  private static void check(Tokenizer tokenizer, String text, JsonNode golden) {
    int[] all = ids(golden.path("ids_add_special_parse_special"));
    assertThat(tokenizer.encode(text, true)).isEqualTo(all);
    int[] plain = ids(golden.path("ids"));
    if (Arrays.equals(ids(golden.path("ids_add_special")), all)) {
      // No special tokens in the text.
      assertThat(tokenizer.encode(text, false)).isEqualTo(plain);
    }
    byte[] bytes = HexFormat.of().parseHex(golden.path("detokenized_hex").asString());
    String decoded = new String(bytes, UTF_8);
    assertThat(tokenizer.decode(plain, 0, plain.length, true)).isEqualTo(decoded);
    assertThat(streamed(tokenizer, plain)).isEqualTo(decoded);
  }

  static String streamed(Tokenizer tokenizer, int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.add(id));
    }
    return text.append(decoder.finish()).toString();
  }

  private static int[] ids(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"phi-3", "gpt-2"})
  void publishedVocabularies(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.of(vocabulary(name));
    Path file = Golden.file("gguf/vocab/ggml-vocab-" + name + ".gguf.inp");
    String[] texts = Files.readString(file).split("\n__ggml_vocab_test__\n", -1);
    Path ids = Golden.file("gguf/vocab/ggml-vocab-" + name + ".gguf.out");
    String[] lines = Files.readString(ids).split("\n", -1);
    assertThat(lines).hasSize(47);
    assertThat(texts).hasSize(47);
    for (int i = 0; i < texts.length; i++) {
      int[] expected =
          Stream.of(lines[i].split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertThat(tokenizer.encode(texts[i], false)).as("'%s'", texts[i]).isEqualTo(expected);
      assertThat(tokenizer.decode(expected, 0, expected.length, true)).isEqualTo(texts[i]);
      assertThat(streamed(tokenizer, expected)).isEqualTo(texts[i]);
    }
  }
}
