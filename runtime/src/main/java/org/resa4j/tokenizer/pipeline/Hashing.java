package org.resa4j.tokenizer.pipeline;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Hashes for open addressing. The factors are other ones in every process, so that no file can be
 * made whose tokens all collide.
 */
final class Hashing {
  private static final int FACTOR = ThreadLocalRandom.current().nextInt() | 1;
  private static final long FACTOR_OF_LONGS = ThreadLocalRandom.current().nextLong() | 1;

  private Hashing() {}

  /** Of characters {@code from} to {@code to} - 1. */
  static int of(char[] text, int from, int to) {
    return finish(more(0, text, from, to));
  }

  /** Of a text that goes on; 0 is the beginning, {@link #finish} the end. */
  static int more(int hash, char[] text, int from, int to) {
    int h = hash;
    for (int i = from; i < to; i++) {
      h = h * FACTOR + text[i] + 1;
    }
    return h;
  }

  static int finish(int hash) {
    int h = hash * 0x9E3779B9;
    return h ^ (h >>> 15);
  }

  /** The high 32 bits of a product, which all of the key goes into. */
  static int of(long key) {
    return (int) (((key ^ (key >>> 32)) * FACTOR_OF_LONGS) >>> 32);
  }

  /** A length for a table of so many entries: a power of two, at most half full. */
  static int tableLength(int entries) {
    return entries < 4 ? 8 : Integer.highestOneBit(Math.min(entries, 1 << 28) - 1) << 2;
  }
}
