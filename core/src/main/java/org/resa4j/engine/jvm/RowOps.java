package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops over rows stored in one number format: weights, keys, values, descriptors. Rows
 * are contiguous, {@code [count][width]}, at a byte offset of any alignment. Sums are in fp32; fp16
 * rows must be finite.
 */
interface RowOps {

  /**
   * Dot products: {@code y[i][r] = row_r · x[i]}.
   *
   * @param x {@code [n]} vectors of {@code width}, {@code xStride} apart
   * @param y {@code [n]} results of {@code count}, {@code yStride} apart, overwritten
   */
  void multiply(
      MemorySegment rows,
      long offset,
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

  /** Copies {@code count} elements from a byte offset, widened to fp32. */
  void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset);
}
