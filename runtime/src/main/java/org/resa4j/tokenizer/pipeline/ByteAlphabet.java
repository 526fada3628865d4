package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * The characters that byte-level models have for the 256 bytes: printable ones for themselves, the
 * others from U+0100.
 */
final class ByteAlphabet {
  private static final char[] CHARACTERS = new char[256];
  private static final int HIGHEST = 0x143;
  private static final short[] BYTES = new short[HIGHEST + 1];

  static {
    Arrays.fill(BYTES, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
      CHARACTERS[b] = printable ? (char) b : next++;
      BYTES[CHARACTERS[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character of a byte, from 0 to 255. */
  static char character(int b) {
    return CHARACTERS[b];
  }

  /** The byte of a character, or -1. */
  static int byteOf(char c) {
    return c <= HIGHEST ? BYTES[c] : -1;
  }

  /** How many bytes the UTF-8 of these characters has. */
  static long length(char[] text, int from, int to) {
    long length = 0;
    for (int i = from; i < to; i++) {
      char c = text[i];
      // A surrogate has half of four.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  /** Writes the UTF-8 of well-formed characters in this alphabet. Returns the index after it. */
  static int write(char[] text, int from, int to, char[] out, int at) {
    int end = at;
    for (int i = from; i < to; i++) {
      int c = text[i];
      if (c < 0x80) {
        out[end++] = CHARACTERS[c];
      } else if (c < 0x800) {
        out[end++] = CHARACTERS[0xC0 | (c >> 6)];
        out[end++] = CHARACTERS[0x80 | (c & 0x3F)];
      } else if (!Character.isHighSurrogate((char) c)) {
        out[end++] = CHARACTERS[0xE0 | (c >> 12)];
        out[end++] = CHARACTERS[0x80 | ((c >> 6) & 0x3F)];
        out[end++] = CHARACTERS[0x80 | (c & 0x3F)];
      } else {
        c = Character.toCodePoint((char) c, text[++i]);
        out[end++] = CHARACTERS[0xF0 | (c >> 18)];
        out[end++] = CHARACTERS[0x80 | ((c >> 12) & 0x3F)];
        out[end++] = CHARACTERS[0x80 | ((c >> 6) & 0x3F)];
        out[end++] = CHARACTERS[0x80 | (c & 0x3F)];
      }
    }
    return end;
  }
}
