package org.resa4j.engine.jvm;

import static jdk.incubator.vector.VectorOperators.ADD;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products and sums of rows that were widened to fp32, {@code [row][width]}: each load has four
 * uses.
 */
final class WideRows {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();

  private WideRows() {}

  /**
   * Rows times vectors, in tiles of four by four.
   *
   * @param count rows
   * @param x {@code [n]} vectors, {@code xStride} apart
   * @param y {@code [n]} results of {@code count}, {@code yStride} apart, overwritten
   */
  static void multiply(
      float[] wide,
      int count,
      int width,
      float[] x,
      int xOffset,
      int xStride,
      int n,
      float[] y,
      int yOffset,
      int yStride) {
    int i = 0;
    if (count == 4) {
      for (; i + 4 <= n; i += 4) {
        int to = yOffset + i * yStride;
        multiply4x4(wide, width, x, xOffset + i * xStride, xStride, y, to, yStride);
      }
      for (; i < n; i++) {
        multiply4x1(wide, width, x, xOffset + i * xStride, y, yOffset + i * yStride);
      }
    }
    for (; i < n; i++) {
      for (int r = 0; r < count; r++) {
        y[yOffset + i * yStride + r] = dot(wide, r * width, width, x, xOffset + i * xStride);
      }
    }
  }

  private static float dot(float[] wide, int row, int width, float[] x, int x0) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    int bound = F.loopBound(width);
    int j = 0;
    for (; j + 2 * LANES <= bound; j += 2 * LANES) {
      int k = j + LANES;
      s0 = FloatVector.fromArray(F, wide, row + j).fma(FloatVector.fromArray(F, x, x0 + j), s0);
      s1 = FloatVector.fromArray(F, wide, row + k).fma(FloatVector.fromArray(F, x, x0 + k), s1);
    }
    for (; j < bound; j += LANES) {
      s0 = FloatVector.fromArray(F, wide, row + j).fma(FloatVector.fromArray(F, x, x0 + j), s0);
    }
    float sum = s0.add(s1).reduceLanes(ADD);
    for (; j < width; j++) {
      sum += wide[row + j] * x[x0 + j];
    }
    return sum;
  }

  private static void multiply4x1(float[] wide, int width, float[] x, int x0, float[] y, int y0) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector u = FloatVector.fromArray(F, x, x0 + j);
      s0 = FloatVector.fromArray(F, wide, j).fma(u, s0);
      s1 = FloatVector.fromArray(F, wide, width + j).fma(u, s1);
      s2 = FloatVector.fromArray(F, wide, 2 * width + j).fma(u, s2);
      s3 = FloatVector.fromArray(F, wide, 3 * width + j).fma(u, s3);
    }
    y[y0] = s0.reduceLanes(ADD);
    y[y0 + 1] = s1.reduceLanes(ADD);
    y[y0 + 2] = s2.reduceLanes(ADD);
    y[y0 + 3] = s3.reduceLanes(ADD);
    for (int j = bound; j < width; j++) {
      for (int r = 0; r < 4; r++) {
        y[y0 + r] += wide[r * width + j] * x[x0 + j];
      }
    }
  }

  /** Four rows, already in fp32, times four vectors. */
  private static void multiply4x4(
      float[] wide, int width, float[] x, int x0, int xStride, float[] y, int y0, int yStride) {
    int w1 = width;
    int w2 = 2 * width;
    int w3 = 3 * width;
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    FloatVector zero = FloatVector.zero(F);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s03 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s13 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s22 = zero;
    FloatVector s23 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    FloatVector s32 = zero;
    FloatVector s33 = zero;
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector v0 = FloatVector.fromArray(F, wide, j);
      FloatVector v1 = FloatVector.fromArray(F, wide, w1 + j);
      FloatVector v2 = FloatVector.fromArray(F, wide, w2 + j);
      FloatVector v3 = FloatVector.fromArray(F, wide, w3 + j);
      FloatVector u = FloatVector.fromArray(F, x, x0 + j);
      s00 = v0.fma(u, s00);
      s01 = v1.fma(u, s01);
      s02 = v2.fma(u, s02);
      s03 = v3.fma(u, s03);
      u = FloatVector.fromArray(F, x, x1 + j);
      s10 = v0.fma(u, s10);
      s11 = v1.fma(u, s11);
      s12 = v2.fma(u, s12);
      s13 = v3.fma(u, s13);
      u = FloatVector.fromArray(F, x, x2 + j);
      s20 = v0.fma(u, s20);
      s21 = v1.fma(u, s21);
      s22 = v2.fma(u, s22);
      s23 = v3.fma(u, s23);
      u = FloatVector.fromArray(F, x, x3 + j);
      s30 = v0.fma(u, s30);
      s31 = v1.fma(u, s31);
      s32 = v2.fma(u, s32);
      s33 = v3.fma(u, s33);
    }
    y[y0] = s00.reduceLanes(ADD);
    y[y0 + 1] = s01.reduceLanes(ADD);
    y[y0 + 2] = s02.reduceLanes(ADD);
    y[y0 + 3] = s03.reduceLanes(ADD);
    int y1 = y0 + yStride;
    y[y1] = s10.reduceLanes(ADD);
    y[y1 + 1] = s11.reduceLanes(ADD);
    y[y1 + 2] = s12.reduceLanes(ADD);
    y[y1 + 3] = s13.reduceLanes(ADD);
    int y2 = y1 + yStride;
    y[y2] = s20.reduceLanes(ADD);
    y[y2 + 1] = s21.reduceLanes(ADD);
    y[y2 + 2] = s22.reduceLanes(ADD);
    y[y2 + 3] = s23.reduceLanes(ADD);
    int y3 = y2 + yStride;
    y[y3] = s30.reduceLanes(ADD);
    y[y3 + 1] = s31.reduceLanes(ADD);
    y[y3 + 2] = s32.reduceLanes(ADD);
    y[y3 + 3] = s33.reduceLanes(ADD);
    for (int j = bound; j < width; j++) {
      for (int r = 0; r < 4; r++) {
        float w = wide[r * width + j];
        y[y0 + r] += w * x[x0 + j];
        y[y1 + r] += w * x[x1 + j];
        y[y2 + r] += w * x[x2 + j];
        y[y3 + r] += w * x[x3 + j];
      }
    }
  }
}
