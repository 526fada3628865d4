package org.resa4j.grammar;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.resa4j.tokenizer.Tokenizer;

/**
 * The text of each token within a text, sorted, so that tokens that begin alike are looked at
 * together. Special tokens, and tokens without text, are left out. Bytes that are no whole
 * character are one U+FFFD each.
 *
 * <p>Immutable.
 */
public final class TokenTexts {
  private final String[] byId;

  /** Sorted by text. */
  private final int[] ids;

  private final String[] texts;

  /** How many characters a text has in common with the one before it. */
  private final int[] common;

  private final int longest;

  private TokenTexts(String[] byId) {
    this.byId = byId;
    ids =
        IntStream.range(0, byId.length)
            .filter(id -> !byId[id].isEmpty())
            .boxed()
            .sorted(Comparator.comparing(id -> byId[id]))
            .mapToInt(Integer::intValue)
            .toArray();
    texts = Arrays.stream(ids).mapToObj(id -> byId[id]).toArray(String[]::new);
    longest = Arrays.stream(texts).mapToInt(String::length).max().orElse(0);
    common = new int[ids.length];
    for (int i = 1; i < ids.length; i++) {
      int at = Arrays.mismatch(texts[i - 1].toCharArray(), texts[i].toCharArray());
      common[i] = at < 0 ? texts[i].length() : at;
    }
  }

  /** Of given texts, by token. */
  static TokenTexts of(String... byId) {
    return new TokenTexts(byId);
  }

  /**
   * A tokenizer's. Decodes each token after another one, since at the begin of a text some have no
   * blank before them.
   *
   * @param vocabulary the model's number of tokens
   */
  public static TokenTexts of(Tokenizer tokenizer, int vocabulary) {
    int before = ordinary(tokenizer, vocabulary);
    String prefix = tokenizer.decode(new int[] {before}, 0, 1, false);
    String[] byId = new String[vocabulary];
    for (int id = 0; id < vocabulary; id++) {
      String both =
          tokenizer.isSpecial(id) ? prefix : tokenizer.decode(new int[] {before, id}, 0, 2, false);
      byId[id] = both.startsWith(prefix) ? both.substring(prefix.length()) : "";
    }
    return new TokenTexts(byId);
  }

  /** A token that is plain text. */
  private static int ordinary(Tokenizer tokenizer, int vocabulary) {
    for (int id = 0; id < vocabulary; id++) {
      String text = tokenizer.decode(new int[] {id}, 0, 1, false);
      if (text.length() == 1 && Character.isLetterOrDigit(text.charAt(0))) {
        return id;
      }
    }
    return 0;
  }

  /** A token's text; empty where it has none. */
  String text(int token) {
    return byId[token];
  }

  /** Characters of the longest text. */
  int longest() {
    return longest;
  }

  /** Whether a token has this text. */
  boolean has(String text) {
    return Arrays.binarySearch(texts, text) >= 0;
  }

  /** The tokens whose whole text may follow. */
  BitSet allowed(TextState state) {
    BitSet allowed = new BitSet(byId.length);
    // Where the text stands after each character of the present token.
    TextState[] after = new TextState[longest + 1];
    after[0] = state;
    int known = 0;
    int refused = Integer.MAX_VALUE;
    for (int i = 0; i < ids.length; i++) {
      if (common[i] > refused) {
        continue;
      }
      refused = Integer.MAX_VALUE;
      known = Math.min(known, common[i]);
      String text = texts[i];
      while (known < text.length()) {
        TextState next = after[known].next(text.charAt(known));
        if (next == null) {
          refused = known;
          break;
        }
        after[++known] = next;
      }
      if (refused == Integer.MAX_VALUE) {
        allowed.set(ids[i]);
      }
    }
    return allowed;
  }
}
