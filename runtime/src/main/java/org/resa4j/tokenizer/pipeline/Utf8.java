package org.resa4j.tokenizer.pipeline;

import java.nio.charset.StandardCharsets;

/** UTF-8 that may be damaged, read as Rust reads it. */
final class Utf8 {
  private Utf8() {}

  /**
   * The text of bytes, with one U+FFFD for each longest beginning of a character that has no end.
   * Java's own decoders have one for three bytes of a surrogate, where this has three.
   */
  static String lossy(byte[] bytes, int length) {
    int valid = validUpTo(bytes, 0, length);
    if (valid == length) {
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
    StringBuilder text = new StringBuilder(length);
    int from = 0;
    while (true) {
      text.append(new String(bytes, from, valid - from, StandardCharsets.UTF_8));
      if (valid == length) {
        return text.toString();
      }
      text.append(Unicode.REPLACEMENT);
      from = valid + Math.max(1, -sequence(bytes, valid, length));
      valid = validUpTo(bytes, from, length);
    }
  }

  /** Whether the bytes are UTF-8. */
  static boolean isValid(byte[] bytes, int length) {
    return validUpTo(bytes, 0, length) == length;
  }

  private static int validUpTo(byte[] bytes, int from, int length) {
    int at = from;
    while (at < length) {
      int step = bytes[at] >= 0 ? 1 : sequence(bytes, at, length);
      if (step <= 0) {
        return at;
      }
      at += step;
    }
    return at;
  }

  /** The length of the character at {@code at}, or minus the length of what is damaged. */
  static int sequence(byte[] bytes, int at, int length) {
    int first = bytes[at] & 0xFF;
    int needed;
    int low = 0x80;
    int high = 0xBF;
    if (first < 0x80) {
      return 1;
    } else if (first >= 0xC2 && first <= 0xDF) {
      needed = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
      needed = 3;
      low = first == 0xE0 ? 0xA0 : low;
      high = first == 0xED ? 0x9F : high;
    } else if (first >= 0xF0 && first <= 0xF4) {
      needed = 4;
      low = first == 0xF0 ? 0x90 : low;
      high = first == 0xF4 ? 0x8F : high;
    } else {
      return -1;
    }
    for (int i = 1; i < needed; i++) {
      int next = at + i < length ? bytes[at + i] & 0xFF : 0;
      if (next < low || next > high) {
        return -i;
      }
      low = 0x80;
      high = 0xBF;
    }
    return needed;
  }

  /** Reads a character of so many bytes, more than one. Returns the index after what it writes. */
  static int get(byte[] bytes, int at, int length, char[] out, int to) {
    int last = bytes[at + length - 1] & 0x3F;
    int first = bytes[at];
    if (length == 2) {
      out[to] = (char) ((first & 0x1F) << 6 | last);
      return to + 1;
    }
    int middle = (bytes[at + length - 2] & 0x3F) << 6 | last;
    if (length == 3) {
      out[to] = (char) ((first & 0xF) << 12 | middle);
      return to + 1;
    }
    int c = (first & 0x7) << 18 | (bytes[at + 1] & 0x3F) << 12 | middle;
    out[to] = Character.highSurrogate(c);
    out[to + 1] = Character.lowSurrogate(c);
    return to + 2;
  }

  /** Writes a code point. Returns the index after it. */
  static int put(byte[] bytes, int at, int c) {
    int end = at;
    if (c < 0x80) {
      bytes[end++] = (byte) c;
    } else if (c < 0x800) {
      bytes[end++] = (byte) (0xC0 | (c >> 6));
      bytes[end++] = (byte) (0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      bytes[end++] = (byte) (0xE0 | (c >> 12));
      bytes[end++] = (byte) (0x80 | ((c >> 6) & 0x3F));
      bytes[end++] = (byte) (0x80 | (c & 0x3F));
    } else {
      bytes[end++] = (byte) (0xF0 | (c >> 18));
      bytes[end++] = (byte) (0x80 | ((c >> 12) & 0x3F));
      bytes[end++] = (byte) (0x80 | ((c >> 6) & 0x3F));
      bytes[end++] = (byte) (0x80 | (c & 0x3F));
    }
    return end;
  }
}
