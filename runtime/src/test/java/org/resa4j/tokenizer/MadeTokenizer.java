package org.resa4j.tokenizer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A small tokenizer.json, put together from components. */
final class MadeTokenizer {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  static final String CHARACTERS =
      " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?'\"()[]{}<>/\\|@#$%^&*-_=+`~\n"
          + "\t▁éèñüßабвгαβγ漢字中国ひら한국\u0301🙂𝒜";

  private final ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");

  MadeTokenizer(JsonNode model) {
    root.set("model", model);
  }

  /** Sets a section from JSON whose quotation marks may be single ones. */
  MadeTokenizer with(String section, String json) {
    root.set(section, json(json));
    return this;
  }

  MadeTokenizer with(String section, JsonNode json) {
    root.set(section, json);
    return this;
  }

  static JsonNode json(String json) {
    return MAPPER.readTree(json.replace('\'', '"'));
  }

  /** Adds a token: w single word, l and r strip, n normalized, s special. */
  MadeTokenizer added(String content, String flags) {
    root.withArray("added_tokens")
        .addObject()
        .put("id", 0)
        .put("content", content)
        .put("single_word", flags.contains("w"))
        .put("lstrip", flags.contains("l"))
        .put("rstrip", flags.contains("r"))
        .put("normalized", flags.contains("n"))
        .put("special", flags.contains("s"));
    return this;
  }

  @Override
  public String toString() {
    return root.toString();
  }

  /** Byte-pair encoding of these symbols, with random merges. */
  static ObjectNode bpe(List<String> symbols, int merges, long seed) {
    return bpe(symbols, merges, seed, "", "");
  }

  static ObjectNode bpe(List<String> symbols, int merges, long seed, String prefix, String suffix) {
    Random random = new Random(seed);
    Set<String> tokens = new LinkedHashSet<>(symbols);
    List<String> all = new ArrayList<>(symbols);
    ObjectNode model = MAPPER.createObjectNode().put("type", "BPE");
    ArrayNode pairs = MAPPER.createArrayNode();
    for (int i = 0; i < merges; i++) {
      String left = all.get(random.nextInt(all.size()));
      String right = all.get(random.nextInt(all.size()));
      boolean fits =
          right.startsWith(prefix)
              && right.length() > prefix.length()
              && (suffix.isEmpty() || !left.endsWith(suffix))
              && !left.contains(" ")
              && !right.contains(" ");
      String both = fits ? left + right.substring(prefix.length()) : "";
      if (fits && both.length() < 9 && tokens.add(both)) {
        all.add(both);
        pairs.add(left + " " + right);
      }
    }
    ObjectNode vocabulary = model.putObject("vocab");
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    model.set("merges", pairs);
    return model;
  }

  static List<String> characters() {
    return CHARACTERS.codePoints().mapToObj(Character::toString).toList();
  }

  /** The characters of byte-level models. */
  static List<String> bytes() {
    List<String> symbols = new ArrayList<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      symbols.add(Character.toString(printable ? b : next++));
    }
    return symbols;
  }
}
