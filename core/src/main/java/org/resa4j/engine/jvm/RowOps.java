package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;

/** The inner loops over rows of a KV cache: keys, values, descriptors. */
interface RowOps extends MatrixOps {

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
}
