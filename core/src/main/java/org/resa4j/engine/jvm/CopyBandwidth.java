package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** How fast all workers together copy memory. */
final class CopyBandwidth {
  /** Of each of the two arrays: beyond any cache. */
  private static final long BYTES = 256L << 20;

  private static final int CHUNKS = 256;
  private static final int WARMUPS = 3;
  private static final int RUNS = 12;

  private CopyBandwidth() {}

  /** Bytes read plus written per second, the best of several copies. */
  static double measure(int threads) {
    try (Arena arena = Arena.ofShared();
        Workers workers = new Workers(threads)) {
      MemorySegment from = arena.allocate(BYTES, 64);
      MemorySegment to = arena.allocate(BYTES, 64);
      long chunk = BYTES / CHUNKS;
      // Untouched pages would all be read from one.
      workers.run(CHUNKS, (i, worker) -> from.asSlice(i * chunk, chunk).fill((byte) i));
      long best = Long.MAX_VALUE;
      for (int run = -WARMUPS; run < RUNS; run++) {
        long start = System.nanoTime();
        workers.run(
            CHUNKS, (i, worker) -> MemorySegment.copy(from, i * chunk, to, i * chunk, chunk));
        if (run >= 0) {
          best = Math.min(best, System.nanoTime() - start);
        }
      }
      return 2e9 * BYTES / best;
    }
  }
}
