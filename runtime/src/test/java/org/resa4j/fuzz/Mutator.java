package org.resa4j.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes inputs that are nearly right: the same for a seed. */
final class Mutator {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Values that have been wrong before: limits, other kinds, what is no JSON. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "2",
          "3",
          "0.5",
          "-0.0",
          "1e-50",
          "1e999",
          "NaN",
          "-Infinity",
          "2147483647",
          "2147483648",
          "4294967295",
          "268435460",
          "9223372036854775807",
          "99999999999999999999",
          "\"\"",
          "\" \"",
          "\"x\"",
          "\"425\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"(a+)+$\"",
          "\"(?:a|a)*\"",
          "\"\\\\p{L}+\"",
          "\"[\"",
          "\"../x\"",
          "\"./model.safetensors\"",
          "\"<s>\"",
          "\"▁\"",
          "\"yarn\"",
          "\"dynamic\"",
          "\"longrope\"",
          "\"llama3\"",
          "\"default\"",
          "\"BPE\"",
          "\"Unigram\"",
          "\"WordLevel\"",
          "\"Sequence\"",
          "\"Split\"",
          "\"Replace\"",
          "\"Precompiled\"",
          "\"TemplateProcessing\"",
          "[]",
          "{}",
          "[null]",
          "[[]]",
          "[1,2,3]",
          "[\"a\",1]",
          "{\"type\":\"Sequence\"}",
          "{\"String\":\"\"}",
          "{\"Regex\":\"(a+)+$\"}");

  private static final String MARK = "@raw@";

  private final SplittableRandom random;

  Mutator(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** A file that should be JSON: mostly JSON still, with another content. */
  byte[] json(byte[] seed) {
    if (chance(0.2)) {
      return bytes(seed);
    }
    JsonNode root = JSON.readTree(seed).deepCopy();
    List<String> raw = new ArrayList<>();
    for (int i = 1 + below(3); i > 0; i--) {
      change(root, raw);
    }
    String text = JSON.writeValueAsString(root);
    for (int i = 0; i < raw.size(); i++) {
      text = text.replace("\"" + MARK + i + "@\"", raw.get(i));
    }
    if (chance(0.05)) {
      text = "[".repeat(below(200_000)) + text;
    }
    byte[] changed = text.getBytes(StandardCharsets.UTF_8);
    return chance(0.05) ? bytes(changed) : changed;
  }

  private void change(JsonNode root, List<String> raw) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode container = oneOf(containers);
    if (container instanceof ObjectNode object) {
      List<String> keys = new ArrayList<>(object.propertyNames());
      if (keys.isEmpty() || chance(0.1)) {
        object.set("key" + below(9), value(root, raw));
        return;
      }
      String key = oneOf(keys);
      switch (below(6)) {
        case 0 -> object.remove(key);
        case 1 -> object.set(oneOf(keys), object.get(key));
        case 2 -> object.set(key + "x", object.remove(key));
        default -> object.set(key, value(root, raw));
      }
    } else if (container instanceof ArrayNode array) {
      int at = below(array.size() + 1);
      switch (below(4)) {
        case 0 -> array.insert(at, value(root, raw));
        case 1 ->
            array.insert(at, array.isEmpty() ? NODES.nullNode() : array.get(below(array.size())));
        default -> {
          if (at < array.size()) {
            array.set(at, value(root, raw));
          }
        }
      }
    }
  }

  private JsonNode value(JsonNode root, List<String> raw) {
    if (chance(0.15)) {
      List<JsonNode> containers = new ArrayList<>();
      collect(root, containers);
      return oneOf(containers).deepCopy();
    }
    raw.add(oneOf(VALUES));
    return NODES.stringNode(MARK + (raw.size() - 1) + "@");
  }

  /** Of a large list or map, such as a vocabulary, only the container itself. */
  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (!node.isContainer()) {
      return;
    }
    containers.add(node);
    int seen = 0;
    for (JsonNode child : node) {
      if (seen++ > 50) {
        return;
      }
      collect(child, containers);
    }
  }

  /** Bytes cut, doubled, swapped, flipped or put in. */
  byte[] bytes(byte[] seed) {
    byte[] changed = seed.clone();
    for (int i = 1 + below(4); i > 0 && changed.length > 0; i--) {
      int at = below(changed.length);
      switch (below(5)) {
        case 0 -> changed[at] ^= (byte) (1 << below(8));
        case 1 -> changed[at] = (byte) below(256);
        case 2 -> changed = Arrays.copyOf(changed, at);
        case 3 ->
            changed =
                joined(
                    changed,
                    at,
                    Arrays.copyOfRange(changed, at, Math.min(changed.length, at + below(64))));
        default -> changed = joined(changed, at, oneOf(VALUES).getBytes(StandardCharsets.UTF_8));
      }
    }
    return changed;
  }

  private static byte[] joined(byte[] bytes, int at, byte[] part) {
    byte[] all = new byte[bytes.length + part.length];
    System.arraycopy(bytes, 0, all, 0, at);
    System.arraycopy(part, 0, all, at, part.length);
    System.arraycopy(bytes, at, all, at + part.length, bytes.length - at);
    return all;
  }

  /** Text with pieces of it cut, doubled or replaced, and others put in. */
  String text(String seed, List<String> pieces) {
    StringBuilder text = new StringBuilder(seed);
    for (int i = 1 + below(5); i > 0; i--) {
      int at = below(text.length() + 1);
      int end = Math.min(text.length(), at + below(20));
      switch (below(5)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, text.substring(at, end).repeat(below(4)));
        case 2 -> text.replace(at, end, oneOf(pieces));
        default -> text.insert(at, oneOf(pieces));
      }
    }
    return text.toString();
  }

  /** A prompt: words, blanks, scripts, emoji, controls, halves of characters, long runs. */
  String prompt(List<String> pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = below(40); i >= 0; i--) {
      switch (below(8)) {
        case 0 -> text.appendCodePoint(below(0x110000));
        case 1 -> text.append((char) below(0x10000));
        case 2 -> text.append((char) below(128));
        case 3 -> text.append(oneOf(pieces).repeat(1 + below(chance(0.02) ? 20_000 : 4)));
        default -> text.append(oneOf(pieces));
      }
    }
    return text.toString();
  }
}
