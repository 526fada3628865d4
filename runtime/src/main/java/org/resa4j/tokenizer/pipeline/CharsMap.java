package org.resa4j.tokenizer.pipeline;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SentencePiece's precompiled map of characters: a double-array trie over UTF-8, whose values are
 * places in a list of replacements that end with NUL.
 *
 * <p>Source: SentencePiece's normalizer and Darts-clone, as the reference library reads them: a
 * grapheme of less than six bytes is looked up whole and replaced whole by what the shortest prefix
 * of it in the map has; otherwise each of its characters is.
 */
final class CharsMap {
  private static final Pattern GRAPHEME = Pattern.compile("\\X");
  private static final int LONGEST_GRAPHEME = 5;

  private final int[] units;
  private final byte[] replacements;

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  static CharsMap read(Fields fields, String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw fields.refuse("\"precompiled_charsmap\" is not base64");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long size = bytes.length < 4 ? 0 : buffer.getInt() & 0xFFFFFFFFL;
    if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
      throw fields.refuse("\"precompiled_charsmap\" is empty or cut off");
    }
    int[] units = new int[(int) size / 4];
    buffer.asIntBuffer().get(units);
    byte[] text = Arrays.copyOfRange(bytes, 4 + (int) size, bytes.length);
    if (!Utf8.isValid(text, text.length)) {
      throw fields.refuse("\"precompiled_charsmap\" has replacements that are not UTF-8");
    }
    CharsMap map = new CharsMap(units, text);
    if (!map.isWhole()) {
      throw fields.refuse("\"precompiled_charsmap\" is damaged");
    }
    return map;
  }

  /** Walks through all of the trie, and looks at every value. */
  private boolean isWhole() {
    BitSet seen = new BitSet(units.length);
    IntList open = new IntList();
    open.add(offset(units[0]));
    for (int i = 0; i < open.size(); i++) {
      int base = open.get(i);
      for (int label = 1; label < 256; label++) {
        int node = base ^ label;
        if (node < 0 || node >= units.length || label(units[node]) != label || seen.get(node)) {
          continue;
        }
        seen.set(node);
        int next = node ^ offset(units[node]);
        if (hasLeaf(units[node]) && !isValue(next)) {
          return false;
        }
        open.add(next);
      }
    }
    return !seen.isEmpty();
  }

  private boolean isValue(int node) {
    if (node < 0 || node >= units.length) {
      return false;
    }
    int value = units[node] & Integer.MAX_VALUE;
    return value < replacements.length && (replacements[value] & 0xC0) != 0x80;
  }

  private static boolean hasLeaf(int unit) {
    return (unit >>> 8 & 1) == 1;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }

  private static int label(int unit) {
    return unit & (1 << 31 | 0xFF);
  }

  String apply(String text) {
    StringBuilder result = new StringBuilder(text.length());
    Matcher graphemes = GRAPHEME.matcher(text);
    while (graphemes.find()) {
      String grapheme = graphemes.group();
      byte[] utf8 = grapheme.getBytes(StandardCharsets.UTF_8);
      String whole = utf8.length <= LONGEST_GRAPHEME ? replacement(utf8) : null;
      if (whole != null) {
        result.append(whole);
        continue;
      }
      grapheme
          .codePoints()
          .forEach(
              c -> {
                String one = Character.toString(c);
                String other = replacement(one.getBytes(StandardCharsets.UTF_8));
                result.append(other == null ? one : other);
              });
    }
    return result.toString();
  }

  /** What the shortest prefix in the map has, or null. */
  private String replacement(byte[] key) {
    int node = offset(units[0]);
    for (byte b : key) {
      int label = b & 0xFF;
      if (label == 0) {
        return null;
      }
      node ^= label;
      if (node < 0 || node >= units.length || label(units[node]) != label) {
        return null;
      }
      int unit = units[node];
      node ^= offset(unit);
      if (hasLeaf(unit)) {
        int from = units[node] & Integer.MAX_VALUE;
        int to = from;
        while (to < replacements.length && replacements[to] != 0) {
          to++;
        }
        return new String(replacements, from, to - from, StandardCharsets.UTF_8);
      }
    }
    return null;
  }
}
