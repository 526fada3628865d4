package org.resa4j.server;

import org.resa4j.generate.StepTrace;

/**
 * What a step read, as text: a character for each cell of some blocks, from {@code A}, nothing, to
 * {@code /}, all KV heads all blocks, in the order of base64's alphabet.
 */
final class TraceCells {
  /** In a layer at the most, and in all of them together. */
  static final int MOST_IN_LAYER = 256;

  static final int MOST = 8192;

  private static final String SCALE =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  private static final int ALL = SCALE.length() - 1;

  private TraceCells() {}

  /** Blocks in a cell: the least power of two by which the cells stay within their limits. */
  static int blocksPerCell(int blocks, int layers) {
    int most = Math.max(1, Math.min(MOST_IN_LAYER, MOST / layers));
    int perCell = 1;
    while (Math.ceilDiv(blocks, perCell) > most) {
      perCell *= 2;
    }
    return perCell;
  }

  /** A layer's cells. What was read at all is not {@code A}, and {@code /} is all. */
  static String of(StepTrace step, int layer, int kvHeads, int perCell) {
    StringBuilder cells = new StringBuilder();
    for (int from = 0; from < step.blocks(); from += perCell) {
      int to = Math.min(step.blocks(), from + perCell);
      long read = 0;
      for (int block = from; block < to; block++) {
        read += step.readers(layer, block);
      }
      long most = (long) kvHeads * (to - from);
      cells.append(SCALE.charAt(read == most ? ALL : (int) Math.ceilDiv(read * (ALL - 1), most)));
    }
    return cells.toString();
  }
}
