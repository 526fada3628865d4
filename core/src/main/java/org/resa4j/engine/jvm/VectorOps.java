package org.resa4j.engine.jvm;

import org.resa4j.model.DType;

/** The JVM engine's inner loops; implemented in plain Java and with the Vector API. */
interface VectorOps {
  /** The most numbers that any of them takes at once. */
  int LANES = 64;

  /** The {@link org.resa4j.engine.Device#backend}: {@code vector} or {@code scalar}. */
  String name();

  /**
   * Loops over rows of a KV cache, of plain numbers or Q8_0.
   *
   * @throws IllegalArgumentException if the format is another
   */
  RowOps rows(DType type);

  /** Loops over rows of any format. */
  MatrixOps matrix(DType type);

  float max(float[] x, int offset, int count);

  /**
   * Finds the values that are not below a floor; a NaN is.
   *
   * @param at their indices from {@code offset} on, ascending; written, and perhaps up to {@link
   *     #LANES} more
   * @return how many
   */
  int atLeast(float[] x, int offset, int count, float floor, int[] at);

  /**
   * The {@code n}-th highest of {@code count} values, none of them a NaN.
   *
   * @param x reordered, or overwritten
   * @param n from 1 to {@code count}
   * @param spare of the length of {@code x}, overwritten
   */
  float nthHighest(float[] x, int count, int n, float[] spare);

  /** Replaces {@code x} by {@code exp(x - max)}. Returns the sum. */
  float exponentials(float[] x, int offset, int count, float max);

  /** {@code gate = gate / (1 + exp(-gate)) · up}. */
  void swiGlu(float[] gate, float[] up, int offset, int count);

  /**
   * Goes on with a softmax over the rows of each column, kept by maximum and sum: takes the rows
   * into both, and replaces {@code x} by {@code exp(x - max)}.
   *
   * @param x {@code [rows][columns]}
   * @param max {@code [columns]}, raised
   * @param sum {@code [columns]}, rescaled and added to
   * @param rescale {@code [columns]}, written: what to multiply by that was weighted with the old
   *     maximum
   */
  void softmaxColumns(float[] x, int rows, int columns, float[] max, float[] sum, float[] rescale);

  /** {@code y = scale · y}. */
  void scale(float[] y, int offset, int count, float scale);
}
