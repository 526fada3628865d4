package org.resa4j.tornado.attention;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What rows attend to, and what stands for rows in kernels of both: a step's rows to their selected
 * blocks or to all of their tokens, a chunk's tokens to all up to their own. A number, as kernels
 * take it.
 */
public final class AttendMode {
  /** The rows' selected blocks. */
  public static final int SELECTED = 0;

  /** All of the rows' tokens. */
  public static final int DENSE = 1;

  /** All tokens up to its own for each token of a chunk, which then stands in the rows' place. */
  public static final int CAUSAL = 2;

  /** How many modes there are. */
  public static final int COUNT = 3;

  /** Tokens that are worth a work-group of their own. */
  private static final int SPLIT_TOKENS = 32;

  /** Stands for the position of no token. */
  private static final int UNSEEN = Integer.MAX_VALUE;

  private AttendMode() {}

  /** The stage that attends so. */
  public static Stage stage(int mode) {
    return mode == CAUSAL ? Stage.ENCODE_ATTEND : Stage.ATTEND;
  }

  /** The array that says which rows there are. */
  public static IntArray header(AttentionBuffers buffers, int mode) {
    return mode == CAUSAL ? buffers.work().chunk() : buffers.work().rows();
  }

  /** The most rows. */
  public static int rows(AttentionLayout layout, int mode) {
    return mode == CAUSAL ? layout.encodeTokens() : layout.sequences();
  }

  /** Work-groups that share the keys of a row and head. */
  public static int splits(AttentionLayout layout, int mode) {
    return mode == CAUSAL ? layout.encodeSplits() : layout.stepSplits();
  }

  /** In a kernel: how many rows there are. */
  public static int rowCount(IntArray rows, int mode) {
    return mode == CAUSAL ? rows.get(Chunk.COUNT) : rows.get(Rows.COUNT);
  }

  /** In a kernel: where the block table of a row's sequence begins. */
  public static int table(IntArray rows, int row, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.HEADER + row * Chunk.INTS + Chunk.TABLE)
        : rows.get(Rows.HEADER + row * Rows.INTS + Rows.TABLE);
  }

  /** In a kernel: n, the tokens that a row sees. */
  public static int tokens(IntArray rows, int row, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.HEADER + row * Chunk.INTS + Chunk.POSITION) + 1
        : rows.get(Rows.HEADER + row * Rows.INTS + Rows.POSITION) + 1;
  }

  /** In a kernel: where the block table is of a block that was written to. */
  public static int touchedTable(IntArray rows, int touched, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.HEADER + touched * Chunk.INTS + Chunk.BLOCK_TABLE)
        : rows.get(Rows.HEADER + touched * Rows.INTS + Rows.TABLE);
  }

  /** In a kernel: the index in its sequence of a block that was written to. */
  public static int touchedBlock(IntArray rows, int touched, int mode, int blockSize) {
    return mode == CAUSAL
        ? rows.get(Chunk.HEADER + touched * Chunk.INTS + Chunk.BLOCK)
        : rows.get(Rows.HEADER + touched * Rows.INTS + Rows.POSITION) / blockSize;
  }

  /** In a kernel: the tokens that its sequence then has. */
  public static int touchedEnd(IntArray rows, int touched, int mode) {
    return mode == CAUSAL
        ? rows.get(Chunk.HEADER + touched * Chunk.INTS + Chunk.BLOCK_END)
        : rows.get(Rows.HEADER + touched * Rows.INTS + Rows.POSITION) + 1;
  }

  /** In a kernel: the blocks that a row attends to. */
  public static int blocks(IntArray rows, int row, int mode, int tokens, int blockSize) {
    return mode == SELECTED
        ? rows.get(Rows.HEADER + row * Rows.INTS + Rows.KEEP_BLOCKS)
        : (tokens + blockSize - 1) / blockSize;
  }

  /** In a kernel: how many of the splits a row's blocks are shared out to, the first ones. */
  public static int usedSplits(int splits, int blocks, int mode, int blockSize) {
    return mode == CAUSAL
        ? splits
        : TornadoMath.min(splits, (blocks * blockSize + SPLIT_TOKENS - 1) / SPLIT_TOKENS);
  }

  /** In a kernel: M, all blocks of a step's row. */
  public static int allBlocks(IntArray rows, int row, int blockSize) {
    return rows.get(Rows.HEADER + row * Rows.INTS + Rows.POSITION) / blockSize + 1;
  }

  /**
   * In a kernel: position of the n-th token of a row's blocks; past the split, one that no row
   * sees.
   *
   * @param list where the row's selected blocks begin
   * @param last the tokens of this split and of those before it
   */
  public static int position(
      IntArray selected, int list, int n, int last, int mode, int blockSize) {
    int position = UNSEEN;
    if (n < last) {
      position = n;
      if (mode == SELECTED) {
        int index = n / blockSize;
        position = selected.get(list + index) * blockSize + n - index * blockSize;
      }
    }
    return position;
  }
}
