package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;

/** The inner loops over rows of a KV cache: keys, values, descriptors. */
interface RowOps extends MatrixOps {

  /**
   * Products with rows that lie anywhere: {@code y[i][r] = row_r · x_i}.
   *
   * @param at byte offset of each row
   * @param x {@code [n]} vectors, {@code xStride} apart
   * @param y {@code [n]} results of {@code count}, {@code yStride} apart, overwritten
   */
  void multiply(
      MemorySegment rows,
      long[] at,
      int count,
      int width,
      float[] x,
      int xOffset,
      int xStride,
      int n,
      float[] y,
      int yOffset,
      int yStride);

  /**
   * Weighted sums of rows: {@code y[i] += sum_r p[i][r] · row_r}.
   *
   * @param p weight of row r in sum i, at {@code pOffset + i · pStride + r · pRowStride}
   * @param y {@code [n]} sums of {@code width}, {@code yStride} apart, added to
   */
  void accumulate(
      MemorySegment rows,
      long offset,
      int count,
      int width,
      float[] p,
      int pOffset,
      int pStride,
      int pRowStride,
      int n,
      float[] y,
      int yOffset,
      int yStride);

  /**
   * The same of rows that lie anywhere.
   *
   * @param at byte offset of each row
   */
  void accumulate(
      MemorySegment rows,
      long[] at,
      int count,
      int width,
      float[] p,
      int pOffset,
      int pStride,
      int pRowStride,
      int n,
      float[] y,
      int yOffset,
      int yStride);

  /**
   * Widens rows that lie anywhere.
   *
   * @param at byte offset of each row
   * @param to {@code [count][width]}, written
   */
  void widen(MemorySegment rows, long[] at, int count, int width, float[] to);

  /**
   * Reads a number of every cache line of rows that lie anywhere, so that what is to follow finds
   * them near. Reads that wait for nothing are on their way together; those of a product wait for
   * one another where its sums are added up.
   *
   * @param at byte offset of each row
   * @return the sum of what was read, of no meaning
   */
  int touch(MemorySegment rows, long[] at, int count, int width);

  /**
   * Upper bounds of dot products: {@code y[r] = sum_j max(q_j max_rj, q_j min_rj)}.
   *
   * @param min rows of element-wise minima
   * @param max rows of element-wise maxima, at the same offset
   */
  void bound(
      MemorySegment min,
      MemorySegment max,
      long offset,
      int count,
      int width,
      float[] q,
      int qOffset,
      float[] y,
      int yOffset);
}
