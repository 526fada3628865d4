package org.resa4j.tokenizer.pipeline;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.BitSet;

/**
 * Unicode's normalization forms, as Unicode 9 has them: so old are the tables of the reference
 * library, and of the texts that models were trained on. To it, a character that came later is one
 * that nothing is done to, and that nothing is joined with.
 */
final class NormalizationForm {
  /** Characters whose normalization came after Unicode 9, in hexadecimal. */
  private static final String NEWER =
      "7fd 897-89f 8ca-8d3 9fe c3c d3b-d3c eba 1715 1abf-1ace 1df6-1dfa 32ff "
          + "a7f2-a7f4 a82c ab69 105c9 105e4 10781-10785 10787-107b0 107b2-107ba "
          + "10d24-10d27 10d69-10d6d 10eab-10eac 10efd-10eff 10f46-10f50 10f82-10f85 11070 "
          + "1133b 11383 11385 1138e 11391 113c5 113c7-113c8 113ce-113d0 1145e 11839-1183a "
          + "11938 1193d-1193e 11943 119e0 11a34 11a47 11a99 11d42 11d44-11d45 11d97 "
          + "11f41-11f42 16121-16128 1612f 16d68-16d6a 16ff0-16ff1 1ccd6-1ccf9 1e030-1e06d "
          + "1e08f 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef 1f16c 1fbf0-1fbf9";

  private static final BitSet LATER = later();

  private NormalizationForm() {}

  private static BitSet later() {
    BitSet later = new BitSet();
    for (String range : NEWER.split(" ")) {
      int dash = range.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash), 16);
      later.set(first, 1 + Integer.parseInt(range.substring(dash + 1), 16));
    }
    for (int c : later.stream().toArray()) {
      // What a character is composed of is as new.
      later.set(Normalizer.normalize(Character.toString(c), Form.NFD).codePointAt(0));
    }
    return later;
  }

  static String normalize(String text, Form form) {
    if (Normalizer.isNormalized(text, form)) {
      return text;
    }
    StringBuilder result = new StringBuilder(text.length());
    int start = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int end = i + Character.charCount(c);
      if (LATER.get(c)) {
        result.append(Normalizer.normalize(text.substring(start, i), form)).appendCodePoint(c);
        start = end;
      }
      i = end;
    }
    return start == 0
        ? Normalizer.normalize(text, form)
        : result.append(Normalizer.normalize(text.substring(start), form)).toString();
  }
}
