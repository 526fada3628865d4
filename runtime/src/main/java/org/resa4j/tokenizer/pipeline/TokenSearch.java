package org.resa4j.tokenizer.pipeline;

import java.util.BitSet;
import java.util.Map;

/** Finds added tokens in a text: the leftmost first, and of those that begin there the longest. */
final class TokenSearch {
  /** Of steps in the trie, for a character. */
  private static final int MOST_STEPS = 64;

  private final Source source;
  private final Map<Integer, AddedToken> tokens;
  private final Trie trie = new Trie();
  private final BitSet firsts = new BitSet();

  TokenSearch(Source source, Map<Integer, AddedToken> tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  /** Hears the parts of a text. */
  interface Parts {
    /** A part without added tokens. */
    void text(int from, int to);

    void token(int id);
  }

  /** Adds a string to look for; the first with the same text counts. */
  void add(String text, int id) {
    if (text.isEmpty()) {
      return;
    }
    firsts.set(text.charAt(0));
    trie.putIfAbsent(text.toCharArray(), id);
  }

  /** Tells all parts of a text, in order. */
  void run(String text, Parts parts) {
    int start = 0;
    int at = 0;
    long steps = (long) MOST_STEPS * (text.length() + 1);
    while (at < text.length()) {
      if (!firsts.get(text.charAt(at))) {
        at++;
        continue;
      }
      int id = Trie.NONE;
      int end = at;
      int node = Trie.ROOT;
      for (int i = at; i < text.length(); ) {
        if (--steps < 0) {
          throw source.fail("added_tokens", "they take too much work on this text");
        }
        node = trie.child(node, text.charAt(i++));
        if (node == Trie.NONE) {
          break;
        }
        if (trie.value(node) != Trie.NONE) {
          id = trie.value(node);
          end = i;
        }
      }
      if (id == Trie.NONE) {
        at++;
        continue;
      }
      AddedToken token = tokens.get(id);
      if (!token.singleWord() || isSingleWord(text, at, end)) {
        int from = token.leftStrip() ? leftStripped(text, at, start) : at;
        int to = token.rightStrip() ? rightStripped(text, end) : end;
        if (start < from) {
          parts.text(start, from);
        }
        parts.token(id);
        start = to;
      }
      at = end;
    }
    if (start < text.length()) {
      parts.text(start, text.length());
    }
  }

  private static boolean isSingleWord(String text, int from, int to) {
    return (from == 0 || !Unicode.isWord(text.codePointBefore(from)))
        && (to == text.length() || !Unicode.isWord(text.codePointAt(to)));
  }

  private static int leftStripped(String text, int from, int lowest) {
    int at = from;
    while (at > lowest && Unicode.isWhiteSpace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  private static int rightStripped(String text, int from) {
    int at = from;
    while (at < text.length() && Unicode.isWhiteSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
