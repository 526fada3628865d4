package org.resa4j.tornado;

import java.util.stream.IntStream;

/** Rows of a matrix, shared out over all cores. */
final class RowChunks {
  private static final int ROWS_AT_ONCE = 64;

  private RowChunks() {}

  /** Takes the rows from one on to before another. */
  interface Taker {
    void take(int from, int end);
  }

  static void forEach(int rows, Taker taker) {
    IntStream.range(0, Math.ceilDiv(rows, ROWS_AT_ONCE))
        .parallel()
        .forEach(
            chunk -> taker.take(chunk * ROWS_AT_ONCE, Math.min(rows, (chunk + 1) * ROWS_AT_ONCE)));
  }
}
