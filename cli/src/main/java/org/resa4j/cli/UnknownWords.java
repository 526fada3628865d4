package org.resa4j.cli;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.resa4j.Resa;
import org.resa4j.tokenizer.Tokenizer;

/**
 * Tells where a model cannot read what it is given: a small vocabulary has one token for it all.
 */
final class UnknownWords {
  /** Characters that stand for nothing anywhere, with no byte of UTF-8 in common. */
  private static final String[] NOWHERE = {"\uE000", "\uF8FF"};

  private UnknownWords() {}

  /** A line for a text most of which the model does not know. */
  static Optional<String> warning(Resa resa, String text) {
    Set<Integer> unknown = unknown(resa.tokenizer());
    int[] tokens = unknown.isEmpty() ? new int[0] : resa.tokenizer().encode(text, false);
    long count = Arrays.stream(tokens).filter(unknown::contains).count();
    return 2 * count <= tokens.length
        ? Optional.empty()
        : Optional.of(
            ("warning: %s knows %d of the %d words of this prompt, its vocabulary is %d; what it"
                    + " writes will not make sense")
                .formatted(
                    resa.info().modelName(),
                    tokens.length - count,
                    tokens.length,
                    resa.info().model().vocabulary()));
  }

  /** The token for what a tokenizer does not know: the same for all of it. Most have none. */
  static Set<Integer> unknown(Tokenizer tokenizer) {
    Set<Integer> tokens = tokens(tokenizer, NOWHERE[0]);
    tokens.retainAll(tokens(tokenizer, NOWHERE[1]));
    // What is left of a blank before a word, or of a character's bytes, is no such token.
    tokens.removeIf(
        token -> {
          String text = tokenizer.decode(new int[] {token}, 0, 1, true);
          return text.isBlank() || text.contains("\uFFFD");
        });
    return tokens;
  }

  private static Set<Integer> tokens(Tokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encode(text, false)).boxed().collect(Collectors.toSet());
  }
}
