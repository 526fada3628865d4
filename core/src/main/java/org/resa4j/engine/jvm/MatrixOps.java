package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;

/**
 * The inner loops over rows stored in one number format, quantised ones included: what the weights
 * of linear layers need. Rows are contiguous, {@code [count][width]}, at a byte offset of any
 * alignment. Sums are in fp32; fp16 rows must be finite.
 */
interface MatrixOps {

  /**
   * Dot products: {@code y[i][r] = row_r · x[i]}.
   *
   * @param width whole blocks of the format
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

  /** Copies {@code count} elements, whole blocks, from a byte offset, widened to fp32. */
  void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset);
}
