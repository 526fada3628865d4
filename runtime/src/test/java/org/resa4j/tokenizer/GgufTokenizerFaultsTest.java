package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.resa4j.engine.Golden;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.MetadataOnly;
import org.resa4j.tokenizer.pipeline.GgufTokens;

/** What a tokenizer cannot be made of is refused, and the message names file and key. */
class GgufTokenizerFaultsTest {
  private static GgufHeader bytes() {
    return GgufHeader.byteLevel(List.of("a b"), List.of("ab"));
  }

  private static GgufHeader scored() {
    return GgufHeader.sentencePiece(
        List.of("<unk>", "<s>", "</s>"), new float[3], new int[] {2, 3, 3});
  }

  private static void refused(GgufHeader header, String... words) {
    assertThatThrownBy(() -> Tokenizer.of(header.metadata()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("made.gguf")
        .hasMessageContainingAll(words);
  }

  private static GgufHeader with(String key, Object value) {
    return bytes().with(key, value);
  }

  @Test
  void otherKinds() {
    refused(with("model", "bert"), "tokenizer.ggml.model", "\"bert\"", "gpt2 or llama");
    refused(with("model", "t5"), "\"t5\"");
    refused(with("model", "rwkv"), "\"rwkv\"");
    refused(with("model", null), "tokenizer.ggml.model is missing");
    refused(with("model", 3), "tokenizer.ggml.model");
    refused(with("pre", "superbpe"), "tokenizer.ggml.pre", "\"superbpe\"", "llama-bpe", "qwen2");
  }

  @Test
  void tokens() {
    refused(with("tokens", null), "tokenizer.ggml.tokens is missing");
    refused(with("tokens", List.of()), "tokenizer.ggml.tokens");
    refused(with("tokens", new int[2]), "tokenizer.ggml.tokens");
    refused(with("tokens", List.of("a", "b", "ab", "b")), "tokens[3]", "same text as token 1");
    refused(with("token_type", new int[26]), "tokenizer.ggml.token_type", "a list of 27");
    refused(with("token_type", new int[28]), "tokenizer.ggml.token_type", "a list of 27");
    int[] types = new int[27];
    Arrays.fill(types, 1);
    types[4] = 7;
    refused(with("token_type", types), "token_type[4]", "is 7");
    types[4] = 0;
    refused(with("token_type", types), "token_type[4]", "is 0");
  }

  @Test
  void merges() {
    String key = "tokenizer.ggml.merges";
    refused(with("merges", null), key + " is missing");
    for (String merge : List.of("", "a", "ab", " b", "a ", " ", "a b c", "a  b")) {
      refused(with("merges", List.of("a b", merge)), key + "[1]", "\"" + merge + "\"");
    }
    refused(with("merges", List.of("b c")), key, "\"b c\"", "not in the vocabulary");
    refused(with("merges", List.of("A b")), key, "not in the vocabulary");
    refused(with("merges", List.of("a B")), key, "not in the vocabulary");
  }

  @Test
  void scores() {
    String key = "tokenizer.ggml.scores";
    refused(scored().with("scores", null), key + " is missing");
    refused(scored().with("scores", new float[2]), key, "a list of 3");
    refused(scored().with("scores", new float[4]), key, "a list of 3");
    refused(scored().with("scores", new int[3]), key);
    refused(scored().with("scores", new float[] {0, Float.NaN, 0}), key + "[1]");
  }

  @Test
  void roles() {
    for (String role : List.of("bos", "eos")) {
      String key = role + "_token_id";
      refused(with(key, 27), key, "27");
      refused(with(key, -1), key, "-1");
      refused(with("add_" + role + "_token", true), key, "is missing", "add_" + role + "_token");
      refused(with("add_" + role + "_token", 1), "add_" + role + "_token");
    }
    refused(scored().with("unknown_token_id", 3), "unknown_token_id");
    refused(scored().with("add_space_prefix", "yes"), "add_space_prefix");
    assertThatThrownBy(() -> GgufTokens.read(with("eot_token_id", 27).metadata()).ends())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("eot_token_id");
  }

  @Test
  void damagedFiles() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String model : List.of("stories260K-F32", "qwen2-F32")) {
      Path file = Golden.file("gguf/models/" + model + ".gguf");
      byte[] whole = Arrays.copyOf(Files.readAllBytes(file), 24_000);
      for (int round = 0; round < 300; round++) {
        byte[] damaged = whole.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
          damaged[24 + random.nextInt(damaged.length - 24)] = (byte) random.nextInt(256);
        }
        try {
          use(MetadataOnly.of(file, damaged));
        } catch (InputException e) {
          // A template that fails on a conversation names its line.
          assertThat(e.getMessage())
              .as("seed %d, round %d", seed, round)
              .containsAnyOf(model, "the chat template fails");
        }
      }
    }
  }

  private static void use(GgufMetadata metadata) {
    Tokenizer tokenizer = Tokenizer.of(metadata);
    int[] ids = tokenizer.encode("Once upon <s> a time <|im_end|> 12 \u20ac", true);
    tokenizer.decode(ids, 0, ids.length, false);
    GgufTokens.read(metadata).ends();
    ChatTemplate.of(metadata)
        .ifPresent(template -> template.render(List.of(Message.user("Hi")), true));
  }
}
