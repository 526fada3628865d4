package org.resa4j.tokenizer.pipeline;

import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.resa4j.error.InputException;

/** What a text is searched for. */
sealed interface TextPattern {
  /** A search on one thread. */
  Search open();

  /** Tells the matches of a text and what is between them, in order and without gaps. */
  interface Search {
    /** Of characters {@code from} to {@code to} - 1. */
    void run(char[] text, int from, int to, Segments segments);
  }

  /** Hears the parts of a text. */
  interface Segments {
    /** A part, at places of the array; a match may be empty. */
    void segment(int from, int to, boolean match);
  }

  /** Tells the parts of a text, from its matches. */
  final class Between {
    private final Segments segments;
    private int last;

    Between(Segments segments, int from) {
      this.segments = segments;
      this.last = from;
    }

    void match(int from, int to) {
      if (last < from) {
        segments.segment(last, from, false);
      }
      segments.segment(from, to, true);
      last = to;
    }

    void end(int to) {
      if (last < to) {
        segments.segment(last, to, false);
      }
    }
  }

  /** A string that is not empty. */
  record Literal(String string) implements TextPattern {
    @Override
    public Search open() {
      char[] wanted = string.toCharArray();
      return (text, from, to, segments) -> {
        Between between = new Between(segments, from);
        int i = from;
        while (i <= to - wanted.length) {
          if (text[i] == wanted[0] && isAt(text, i, wanted)) {
            between.match(i, i + wanted.length);
            i += wanted.length;
          } else {
            i++;
          }
        }
        between.end(to);
      };
    }

    private static boolean isAt(char[] text, int at, char[] wanted) {
      for (int i = 1; i < wanted.length; i++) {
        if (text[at + i] != wanted[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /** Each code point of a kind. */
  record CodePoints(IntPredicate kind) implements TextPattern {
    @Override
    public Search open() {
      return (text, from, to, segments) -> {
        Between between = new Between(segments, from);
        for (int i = from; i < to; ) {
          int c = Character.codePointAt(text, i, to);
          int end = i + Character.charCount(c);
          if (kind.test(c)) {
            between.match(i, end);
          }
          i = end;
        }
        between.end(to);
      };
    }
  }

  /** Runs of code points of one of two kinds; those of neither kind are between matches. */
  record Runs(IntPredicate kind, IntPredicate otherKind) implements TextPattern {
    @Override
    public Search open() {
      return (text, from, to, segments) -> {
        Between between = new Between(segments, from);
        for (int i = from; i < to; ) {
          int end = end(kind, text, i, to);
          end = end == i ? end(otherKind, text, i, to) : end;
          if (end == i) {
            i += Character.charCount(Character.codePointAt(text, i, to));
          } else {
            between.match(i, end);
            i = end;
          }
        }
        between.end(to);
      };
    }

    private static int end(IntPredicate kind, char[] text, int from, int to) {
      int i = from;
      while (i < to && kind.test(Character.codePointAt(text, i, to))) {
        i += Character.charCount(Character.codePointAt(text, i, to));
      }
      return i;
    }
  }

  /**
   * A regular expression. Its work is bounded: some patterns take a time that is exponential in the
   * text's length.
   */
  record Regex(Source source, String component, Pattern pattern) implements TextPattern {
    @Override
    public Search open() {
      return new RegexSearch(this);
    }

    InputException fail() {
      return source.fail(component, "the pattern takes too much work on this text: " + pattern);
    }
  }

  /** A search for a regular expression; its matcher is used again. */
  final class RegexSearch implements Search {
    private final Regex regex;
    private final BoundedText bounded = new BoundedText();
    private final Matcher matcher;

    private RegexSearch(Regex regex) {
      this.regex = regex;
      this.matcher = regex.pattern.matcher(bounded);
    }

    @Override
    public void run(char[] text, int from, int to, Segments segments) {
      Between between = new Between(segments, from);
      bounded.set(text, from, to);
      matcher.reset(bounded);
      int lastEnd = -1;
      while (find()) {
        int start = matcher.start();
        int end = matcher.end();
        // As Oniguruma's loop has it: no empty match where the last one ended, nor within a pair.
        boolean skipped = start == end && (start == lastEnd || bounded.isWithinPair(start));
        if (!skipped) {
          between.match(from + start, from + end);
          lastEnd = end;
        }
      }
      between.end(to);
    }

    private boolean find() {
      try {
        return matcher.find();
      } catch (BoundedText.TooMuchWork | StackOverflowError e) {
        throw regex.fail();
      }
    }
  }
}
