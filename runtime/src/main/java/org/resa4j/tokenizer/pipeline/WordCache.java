package org.resa4j.tokenizer.pipeline;

import java.util.Arrays;

/**
 * Tokens of words that came before. Each place has the last word of its hash. Threads share it
 * without a lock: an entry never changes, and a lost one is only made again.
 */
final class WordCache {
  private static final int PLACES = 1 << 14;

  /** Longer words are rare, and would take the memory. */
  private static final int LONGEST = 48;

  private final Entry[] entries = new Entry[PLACES];

  private record Entry(int hash, char[] word, int[] tokens) {}

  /** Whether a word of this length is kept. */
  static boolean keeps(int length) {
    return length <= LONGEST;
  }

  /** The tokens of a word, or null. */
  int[] get(int hash, char[] text, int from, int to) {
    Entry entry = entries[hash & (PLACES - 1)];
    return entry != null
            && entry.hash == hash
            && Arrays.equals(entry.word, 0, entry.word.length, text, from, to)
        ? entry.tokens
        : null;
  }

  void put(int hash, char[] text, int from, int to, int[] tokens) {
    entries[hash & (PLACES - 1)] = new Entry(hash, Arrays.copyOfRange(text, from, to), tokens);
  }
}
