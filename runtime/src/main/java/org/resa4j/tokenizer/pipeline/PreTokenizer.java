package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;
import java.util.List;

/** Cuts a text into the pieces that the model takes one by one. */
sealed interface PreTokenizer {
  /** A stage on one thread that hands its pieces to the next. */
  Pieces into(Pieces next);

  /** Cuts at the matches of a pattern. */
  record Split(TextPattern pattern, SplitBehavior behavior, boolean invert)
      implements PreTokenizer {
    @Override
    public Pieces into(Pieces next) {
      return new Splitter(pattern, behavior, invert, next);
    }
  }

  /** Turns pieces into their bytes, in {@link ByteAlphabet}. */
  record ByteLevel() implements PreTokenizer {
    @Override
    public Pieces into(Pieces next) {
      return new Bytes(next);
    }

    private static final class Bytes implements Pieces {
      private final Pieces next;
      private char[] bytes = new char[256];

      private Bytes(Pieces next) {
        this.next = next;
      }

      @Override
      public void piece(char[] text, int from, int to, boolean atStart) {
        if (3L * (to - from) > bytes.length) {
          long length = ByteAlphabet.length(text, from, to);
          bytes = length > bytes.length ? new char[Growth.next(bytes.length, length)] : bytes;
        }
        next.piece(bytes, 0, ByteAlphabet.write(text, from, to, bytes, 0), atStart);
      }
    }
  }

  /** Puts a blank before pieces that begin with none. */
  record PrefixSpace() implements PreTokenizer {
    @Override
    public Pieces into(Pieces next) {
      return (text, from, to, atStart) -> {
        if (text[from] == ' ') {
          next.piece(text, from, to, atStart);
        } else {
          char[] longer = prepended(' ', text, from, to);
          next.piece(longer, 0, longer.length, atStart);
        }
      };
    }
  }

  /** When {@link Metaspace} puts its character before a piece. */
  enum PrependScheme {
    FIRST,
    NEVER,
    ALWAYS
  }

  /** Blanks become another character, which may come before a piece too. */
  record Metaspace(char replacement, PrependScheme scheme) implements PreTokenizer {
    @Override
    public Pieces into(Pieces next) {
      return (text, from, to, atStart) -> {
        boolean prepend =
            switch (scheme) {
              case ALWAYS -> true;
              case FIRST -> atStart;
              case NEVER -> false;
            };
        boolean there = text[from] == ' ' || text[from] == replacement;
        char[] replaced =
            prepend && !there
                ? prepended(replacement, text, from, to)
                : Arrays.copyOfRange(text, from, to);
        for (int i = 0; i < replaced.length; i++) {
          if (replaced[i] == ' ') {
            replaced[i] = replacement;
          }
        }
        next.piece(replaced, 0, replaced.length, atStart);
      };
    }
  }

  /** One after the other. */
  record Sequence(List<PreTokenizer> parts) implements PreTokenizer {
    @Override
    public Pieces into(Pieces next) {
      Pieces first = next;
      for (PreTokenizer part : parts.reversed()) {
        first = part.into(first);
      }
      return first;
    }
  }

  private static char[] prepended(char first, char[] text, int from, int to) {
    char[] longer = new char[to - from + 1];
    longer[0] = first;
    System.arraycopy(text, from, longer, 1, to - from);
    return longer;
  }
}
