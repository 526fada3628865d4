package org.resa4j.tokenizer.pipeline;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.IntPredicate;

/** Changes a text before it is cut. */
sealed interface Normalizer {
  Normalized normalize(Normalized text);

  /**
   * A text on its way.
   *
   * @param atStart whether its first character comes from the first of the whole text
   */
  record Normalized(String text, boolean atStart) {
    Normalized with(String other) {
      return new Normalized(other, atStart);
    }
  }

  /** One after the other. */
  record Sequence(List<Normalizer> parts) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      Normalized result = text;
      for (Normalizer part : parts) {
        result = part.normalize(result);
      }
      return result;
    }
  }

  /** One of Unicode's normalization forms. */
  record UnicodeForm(Form form) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      return text.with(NormalizationForm.normalize(text.text, form));
    }
  }

  /** Small letters, each code point by itself. */
  record Lowercase() implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      StringBuilder lower = new StringBuilder(text.text.length());
      text.text
          .codePoints()
          .forEach(
              c -> {
                if (c == 0x130) {
                  // The only one that has two.
                  lower.append("i\u0307");
                } else {
                  lower.appendCodePoint(Character.toLowerCase(c));
                }
              });
      return text.with(lower.toString());
    }
  }

  /** No white space at the ends. */
  record Strip(boolean left, boolean right) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      int from = 0;
      int to = text.text.length();
      while (left && from < to && Unicode.isWhiteSpace(text.text.charAt(from))) {
        from++;
      }
      while (right && from < to && Unicode.isWhiteSpace(text.text.charAt(to - 1))) {
        to--;
      }
      return new Normalized(text.text.substring(from, to), text.atStart && from == 0);
    }
  }

  /** No code points of a kind. */
  record Without(IntPredicate kind) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      StringBuilder left = new StringBuilder(text.text.length());
      text.text.codePoints().filter(c -> !kind.test(c)).forEach(left::appendCodePoint);
      boolean first = !text.text.isEmpty() && !kind.test(text.text.codePointAt(0));
      return new Normalized(left.toString(), text.atStart && first);
    }
  }

  /** A string before every text but the empty one. */
  record Prepend(String prefix) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      return text.text.isEmpty() ? text : text.with(prefix + text.text);
    }
  }

  /** Other content for the matches of a pattern. */
  record Replace(Replacement replacement) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      char[] characters = text.text.toCharArray();
      boolean[] first = {text.atStart};
      String replaced =
          replacement.apply(
              characters,
              replacement.pattern().open(),
              (from, to, match) -> {
                if (match && from == 0 && to > 0) {
                  // New content counts as the last character that it stands for.
                  first[0] &=
                      !replacement.content().isEmpty()
                          && to == Character.charCount(Character.codePointAt(characters, 0));
                }
              });
      return new Normalized(replaced, first[0]);
    }
  }

  /** SentencePiece's table of replacements. */
  record Precompiled(CharsMap map) implements Normalizer {
    @Override
    public Normalized normalize(Normalized text) {
      return text.with(map.apply(text.text));
    }
  }
}
