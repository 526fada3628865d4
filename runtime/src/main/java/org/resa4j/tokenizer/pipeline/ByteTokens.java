package org.resa4j.tokenizer.pipeline;

import java.util.Locale;

/**
 * The tokens {@code <0x00>} to {@code <0xFF>} of a vocabulary, for text that it has no others for.
 */
final class ByteTokens {
  private final int[] ids = new int[256];

  ByteTokens(Vocabulary vocabulary) {
    for (int b = 0; b < 256; b++) {
      ids[b] = vocabulary.id(text(b));
    }
  }

  /** The token of a byte, from 0 to 255. */
  static String text(int b) {
    return String.format(Locale.ROOT, "<0x%02X>", b);
  }

  /** Whether a text is a byte's token. */
  static boolean is(String text) {
    return text.matches("<0x[0-9A-F]{2}>");
  }

  /** Adds the tokens of a text's bytes; none, and false, if one of them is missing. */
  boolean add(char[] text, int from, int to, IntList tokens) {
    byte[] utf8 = new byte[4];
    for (int pass = 0; pass < 2; pass++) {
      for (int i = from; i < to; ) {
        int c = Character.codePointAt(text, i, to);
        i += Character.charCount(c);
        int length = Utf8.put(utf8, 0, c);
        for (int b = 0; b < length; b++) {
          int id = ids[utf8[b] & 0xFF];
          if (pass > 0) {
            tokens.add(id);
          } else if (id == Vocabulary.NONE) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
