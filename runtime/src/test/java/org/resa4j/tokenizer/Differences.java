package org.resa4j.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Holds a tokenizer against the reference, on random texts. */
final class Differences {
  private Differences() {}

  static void none(Path directory, long seed, int texts, List<String> tokens) throws IOException {
    Tokenizer ours = Tokenizer.load(directory);
    try (Reference reference = new Reference(directory)) {
      RandomTexts random = new RandomTexts(seed, tokens);
      for (int i = 0; i < texts; i++) {
        String text = random.next();
        String where = "seed %d, text %d: %s".formatted(seed, i, text);
        boolean addSpecial = i % 2 == 0;
        int[] expected = reference.encode(text, addSpecial);
        assertThat(ours.encode(text, addSpecial)).as(where).isEqualTo(expected);
        int[] ids =
            i % 3 == 0 ? random.random().ints(1 + i % 12, 0, ours.size() + 2).toArray() : expected;
        for (boolean special : new boolean[] {false, true}) {
          String decoded = reference.decode(ids, special);
          assertThat(ours.decode(ids, 0, ids.length, special)).as(where).isEqualTo(decoded);
        }
        if (!reference.decode(expected, true).contains("\uFFFD")) {
          assertThat(streamed(ours, expected))
              .as(where)
              .isEqualTo(reference.decode(expected, true));
        }
      }
    }
  }

  private static String streamed(Tokenizer tokenizer, int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.add(id));
    }
    return text.append(decoder.finish()).toString();
  }
}
