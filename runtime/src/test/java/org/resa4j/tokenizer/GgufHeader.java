package org.resa4j.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.resa4j.format.GgufMetadata;
import org.resa4j.format.MetadataOnly;

/** Writes GGUF headers for tests. */
final class GgufHeader {
  private final Map<String, Object> values = new LinkedHashMap<>();

  /** A text, truth value, int, list of texts, int[] or float[]; null removes the key. */
  GgufHeader with(String name, Object value) {
    String key = "tokenizer." + (name.equals("chat_template") ? name : "ggml." + name);
    if (value == null) {
      values.remove(key);
    } else {
      values.put(key, value);
    }
    return this;
  }

  /** Byte-level BPE with these merges, and these tokens after those of the bytes a to z. */
  static GgufHeader byteLevel(List<String> merges, List<String> tokens) {
    List<String> all = new ArrayList<>();
    for (char c = 'a'; c <= 'z'; c++) {
      all.add(String.valueOf(c));
    }
    all.addAll(tokens);
    return new GgufHeader()
        .with("model", "gpt2")
        .with("pre", "gpt-2")
        .with("tokens", all)
        .with("merges", merges);
  }

  /** SentencePiece's tokens, with a score and a type for each. */
  static GgufHeader sentencePiece(List<String> tokens, float[] scores, int[] types) {
    return new GgufHeader()
        .with("model", "llama")
        .with("tokens", tokens)
        .with("scores", scores)
        .with("token_type", types);
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(UTF_8));
    out.writeBytes(number(4, 3));
    out.writeBytes(number(8, 0));
    out.writeBytes(number(8, values.size()));
    values.forEach(
        (key, value) -> {
          text(out, key);
          write(out, value);
        });
    return out.toByteArray();
  }

  GgufMetadata metadata() {
    return MetadataOnly.of(Path.of("made.gguf"), bytes());
  }

  private static void write(ByteArrayOutputStream out, Object value) {
    switch (value) {
      case String text -> {
        out.writeBytes(number(4, 8));
        text(out, text);
      }
      case Boolean flag -> {
        out.writeBytes(number(4, 7));
        out.write(flag ? 1 : 0);
      }
      case Integer whole -> {
        out.writeBytes(number(4, 5));
        out.writeBytes(number(4, whole));
      }
      case List<?> texts -> {
        array(out, 8, texts.size());
        texts.forEach(text -> text(out, (String) text));
      }
      case int[] wholes -> {
        array(out, 5, wholes.length);
        for (int whole : wholes) {
          out.writeBytes(number(4, whole));
        }
      }
      case float[] floats -> {
        array(out, 6, floats.length);
        for (float number : floats) {
          out.writeBytes(number(4, Float.floatToRawIntBits(number)));
        }
      }
      default -> throw new IllegalArgumentException(value.toString());
    }
  }

  private static void array(ByteArrayOutputStream out, int type, int length) {
    out.writeBytes(number(4, 9));
    out.writeBytes(number(4, type));
    out.writeBytes(number(8, length));
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    out.writeBytes(number(8, utf8.length));
    out.writeBytes(utf8);
  }

  private static byte[] number(int bytes, long value) {
    ByteBuffer buffer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return Arrays.copyOf(buffer.array(), bytes);
  }
}
