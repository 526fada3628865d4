package org.resa4j.bench.peer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.resa4j.error.InputException;
import org.resa4j.format.GgufWriter;
import org.resa4j.format.Json;
import tools.jackson.databind.JsonNode;

/**
 * A tokenizer of whole words between blanks, as llama.cpp can have it.
 *
 * <p>It has none of that kind. Its RWKV tokenizer takes the longest token that the text goes on
 * with; words that begin with their blank, {@code " word"}, leave it no choice but the right one.
 */
final class WordTokens {
  private final List<String> texts;
  private final Set<Integer> special;
  private final int unknown;

  private WordTokens(List<String> texts, Set<Integer> special, int unknown) {
    this.texts = texts;
    this.special = special;
    this.unknown = unknown;
  }

  /**
   * Reads a model directory's {@code tokenizer.json}.
   *
   * @param size tokens in the vocabulary
   * @throws InputException if it is of another kind
   */
  static WordTokens read(Path directory, int size) {
    Path file = directory.resolve("tokenizer.json");
    JsonNode json = Json.read(file);
    String type = json.path("model").path("type").asString("none");
    String split = json.path("pre_tokenizer").path("type").asString("none");
    if (!type.equals("WordLevel") || !split.equals("WhitespaceSplit")) {
      throw new InputException(
          "%s: a %s tokenizer after %s; for llama.cpp only WordLevel after WhitespaceSplit is exported"
              .formatted(file, type, split));
    }
    Set<Integer> special = new HashSet<>();
    for (JsonNode token : json.path("added_tokens")) {
      special.add(token.path("id").asInt());
    }
    String[] texts = new String[size];
    for (var word : json.path("model").path("vocab").properties()) {
      int id = word.getValue().asInt();
      texts[id] = special.contains(id) ? word.getKey() : " " + word.getKey();
    }
    if (Arrays.asList(texts).contains(null)) {
      throw new InputException(file + ": fewer words than the model has tokens");
    }
    JsonNode model = json.path("model");
    String word = model.path("unk_token").asString("none");
    int unknown = model.path("vocab").path(word).asInt(-1);
    if (unknown < 0) {
      throw new InputException(file + ": its token for unknown words is not among its words");
    }
    return new WordTokens(List.of(texts), special, unknown);
  }

  /** The text that the tokens are made of. */
  String text(int[] tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.append(texts.get(token));
    }
    return text.toString();
  }

  void writeTo(GgufWriter gguf) {
    int[] types = new int[texts.size()];
    List<String> escaped = new ArrayList<>();
    for (int id = 0; id < types.length; id++) {
      // llama.cpp's LLAMA_TOKEN_TYPE_CONTROL and _NORMAL.
      types[id] = special.contains(id) ? 3 : 1;
      escaped.add(texts.get(id).replace("\\", "\\\\"));
    }
    gguf.put("tokenizer.ggml.model", "rwkv");
    gguf.put("tokenizer.ggml.tokens", escaped);
    gguf.put("tokenizer.ggml.token_type", types);
    // Newer llama.cpp looks up a line feed as it loads, and ends the process where there is none.
    gguf.put("tokenizer.ggml.unknown_token_id", unknown);
  }
}
