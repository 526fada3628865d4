package org.resa4j.engine.jvm;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.resa4j.model.DType;

/**
 * Rows of the format that the class was defined with, see {@link PanamaOps}. What several vectors
 * use is widened once for all of them: widening is what fp16 costs here.
 *
 * <p>Q8_0 is here as the format of a KV cache: a vector is of one block, and comes with its scale.
 */
final class PanamaRows implements RowOps {
  private static final DType TYPE = classData(DType.class, 0);

  /** The loops over fp32; null where these are they. */
  private static final RowOps WIDE = TYPE == DType.F32 ? null : classData(RowOps.class, 1);

  private static final int BLOCK = TYPE.blockLength();
  private static final int BYTES = TYPE.blockBytes();
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();
  private static final VectorSpecies<Integer> I = F.withLanes(int.class);
  private static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final int CACHE_LINE = 64;
  private static final float TWO_POW_112 = 0x1p112f;

  /** Numbers that are widened at once, for all sums: half of an L1 cache. */
  private static final int WIDENED = 6144;

  PanamaRows() {}

  private static <T> T classData(Class<T> type, int index) {
    try {
      return MethodHandles.classDataAt(MethodHandles.lookup(), "_", type, index);
    } catch (IllegalAccessException e) {
      throw new LinkageError("defined without a number format", e);
    }
  }

  private static long rowBytes(int width) {
    return (long) (width / BLOCK) * BYTES;
  }

  /** A vector of a row's elements from {@code j} on. */
  private static FloatVector load(MemorySegment rows, long row, int j) {
    long at = row + (long) (j / BLOCK) * BYTES;
    return switch (TYPE) {
      case F32 -> FloatVector.fromMemorySegment(F, rows, at, LE);
      case BF16 ->
          ShortVector.fromMemorySegment(S, rows, at, LE)
              .convertShape(ZERO_EXTEND_S2I, I, 0)
              .reinterpretAsInts()
              .lanewise(LSHL, 16)
              .reinterpretAsFloats();
      // Exponent and fraction move into place, the sign stays on top; the product re-biases the
      // exponent, subnormals included.
      case F16 ->
          ShortVector.fromMemorySegment(S, rows, at, LE)
              .convertShape(S2I, I, 0)
              .reinterpretAsInts()
              .lanewise(LSHL, 13)
              .and(0x8FFFE000)
              .reinterpretAsFloats()
              .mul(TWO_POW_112);
      case Q8_0 ->
          BlockDots.floats(BlockDots.signed(rows, at + 2 + j % BLOCK))
              .mul(BlockDots.half(rows, at));
      default -> throw new LinkageError(TYPE + " is no format of rows");
    };
  }

  private static float get(MemorySegment rows, long row, int j) {
    long at = row + (long) (j / BLOCK) * BYTES;
    return switch (TYPE) {
      case F32 -> rows.get(FLOAT, at);
      case F16 -> Float.float16ToFloat(rows.get(SHORT, at));
      case BF16 -> Float.intBitsToFloat(rows.get(SHORT, at) << 16);
      case Q8_0 -> BlockDots.half(rows, at) * rows.get(ValueLayout.JAVA_BYTE, at + 2 + j % BLOCK);
      default -> throw new LinkageError(TYPE + " is no format of rows");
    };
  }

  @Override
  public void multiply(
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
      int yStride) {
    long rowBytes = rowBytes(width);
    if (n > 1) {
      float[] wide = Scratch.floats(4 * width);
      for (int r = 0; r < count; r += 4) {
        int here = Math.min(4, count - r);
        widen(rows, offset + r * rowBytes, here * width, wide, 0);
        WideRows.multiply(wide, here, width, x, xOffset, xStride, n, y, yOffset + r, yStride);
      }
      return;
    }
    int r = 0;
    for (; r + 4 <= count; r += 4) {
      multiply4x1(rows, offset + r * rowBytes, width, x, xOffset, y, yOffset + r);
    }
    for (; r < count; r++) {
      y[yOffset + r] = dot(rows, offset + r * rowBytes, width, x, xOffset);
    }
  }

  @Override
  public void multiply(
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
      int yStride) {
    // Widened once for all vectors, unless these are few or there is nothing to widen.
    float[] wide = TYPE == DType.F32 || n <= 2 ? null : Scratch.floats(4 * width);
    int r = 0;
    for (; r + 4 <= count; r += 4) {
      if (wide == null) {
        multiply4(rows, at, r, width, x, xOffset, xStride, n, y, yOffset + r, yStride);
      } else {
        for (int k = 0; k < 4; k++) {
          widen(rows, at[r + k], width, wide, k * width);
        }
        WideRows.multiply(wide, 4, width, x, xOffset, xStride, n, y, yOffset + r, yStride);
      }
    }
    for (; r < count; r++) {
      for (int i = 0; i < n; i++) {
        y[yOffset + i * yStride + r] = dot(rows, at[r], width, x, xOffset + i * xStride);
      }
    }
  }

  private static void multiply4(
      MemorySegment rows,
      long[] at,
      int r,
      int width,
      float[] x,
      int xOffset,
      int xStride,
      int n,
      float[] y,
      int yOffset,
      int yStride) {
    for (int i = 0; i < n; i += 2) {
      // One that is left over is paired with itself.
      int k = Math.min(i + 1, n - 1);
      multiply4x2(
          rows,
          at,
          r,
          width,
          x,
          xOffset + i * xStride,
          xOffset + k * xStride,
          y,
          yOffset + i * yStride,
          yOffset + k * yStride);
    }
  }

  /** Four rows times two vectors: eight independent sums. */
  private static void multiply4x2(
      MemorySegment rows,
      long[] at,
      int r,
      int width,
      float[] x,
      int x0,
      int x1,
      float[] y,
      int y0,
      int y1) {
    FloatVector zero = FloatVector.zero(F);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s03 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s13 = zero;
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector u = FloatVector.fromArray(F, x, x0 + j);
      FloatVector v = FloatVector.fromArray(F, x, x1 + j);
      FloatVector row = load(rows, at[r], j);
      s00 = row.fma(u, s00);
      s10 = row.fma(v, s10);
      row = load(rows, at[r + 1], j);
      s01 = row.fma(u, s01);
      s11 = row.fma(v, s11);
      row = load(rows, at[r + 2], j);
      s02 = row.fma(u, s02);
      s12 = row.fma(v, s12);
      row = load(rows, at[r + 3], j);
      s03 = row.fma(u, s03);
      s13 = row.fma(v, s13);
    }
    y[y0] = s00.reduceLanes(ADD);
    y[y0 + 1] = s01.reduceLanes(ADD);
    y[y0 + 2] = s02.reduceLanes(ADD);
    y[y0 + 3] = s03.reduceLanes(ADD);
    y[y1] = s10.reduceLanes(ADD);
    y[y1 + 1] = s11.reduceLanes(ADD);
    y[y1 + 2] = s12.reduceLanes(ADD);
    y[y1 + 3] = s13.reduceLanes(ADD);
    // A head of whole vectors, the usual one, has no rest.
    for (int k = 0; bound < width && k < 4; k++) {
      float rest = tail(rows, at[r + k], width, bound, x, x0);
      y[y1 + k] += tail(rows, at[r + k], width, bound, x, x1);
      if (y0 != y1) {
        y[y0 + k] += rest;
      }
    }
  }

  @Override
  public void widen(MemorySegment rows, long[] at, int count, int width, float[] to) {
    int end;
    for (int r = 0; r < count; r = end) {
      end = stretch(at, r, count, width);
      widen(rows, at[r], (end - r) * width, to, r * width);
    }
  }

  /** The row after those that follow one another in memory from {@code first} on. */
  private static int stretch(long[] at, int first, int count, int width) {
    int next = first + 1;
    while (next < count && at[next] == at[next - 1] + rowBytes(width)) {
      next++;
    }
    return next;
  }

  @Override
  public int touch(MemorySegment rows, long[] at, int count, int width) {
    int last = (int) rowBytes(width) - Integer.BYTES;
    int sum = 0;
    // Four lines of a row in a loop over rows: one over a row's few lines costs more than it reads.
    for (int b0 = 0; b0 <= last; b0 += 4 * CACHE_LINE) {
      int b1 = Math.min(b0 + CACHE_LINE, last);
      int b2 = Math.min(b0 + 2 * CACHE_LINE, last);
      int b3 = Math.min(b0 + 3 * CACHE_LINE, last);
      for (int r = 0; r < count; r++) {
        long row = at[r];
        sum += rows.get(INT, row + b0) + rows.get(INT, row + b1);
        sum += rows.get(INT, row + b2) + rows.get(INT, row + b3);
      }
    }
    return sum;
  }

  @Override
  public void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset) {
    int bound = F.loopBound(count);
    for (int j = 0; j < bound; j += LANES) {
      load(rows, offset, j).intoArray(to, toOffset + j);
    }
    for (int j = bound; j < count; j++) {
      to[toOffset + j] = get(rows, offset, j);
    }
  }

  private static void multiply4x1(
      MemorySegment rows, long row, int width, float[] x, int x0, float[] y, int y0) {
    long rowBytes = rowBytes(width);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector u = FloatVector.fromArray(F, x, x0 + j);
      s0 = load(rows, row, j).fma(u, s0);
      s1 = load(rows, row + rowBytes, j).fma(u, s1);
      s2 = load(rows, row + 2 * rowBytes, j).fma(u, s2);
      s3 = load(rows, row + 3 * rowBytes, j).fma(u, s3);
    }
    store4(rows, row, width, bound, x, x0, y, y0, s0, s1, s2, s3);
  }

  /** Sums the lanes of four rows and adds what is left beyond the last full vector. */
  private static void store4(
      MemorySegment rows,
      long row,
      int width,
      int from,
      float[] x,
      int x0,
      float[] y,
      int y0,
      FloatVector s0,
      FloatVector s1,
      FloatVector s2,
      FloatVector s3) {
    y[y0] = s0.reduceLanes(ADD) + tail(rows, row, width, from, x, x0);
    y[y0 + 1] = s1.reduceLanes(ADD) + tail(rows, row + rowBytes(width), width, from, x, x0);
    y[y0 + 2] = s2.reduceLanes(ADD) + tail(rows, row + 2 * rowBytes(width), width, from, x, x0);
    y[y0 + 3] = s3.reduceLanes(ADD) + tail(rows, row + 3 * rowBytes(width), width, from, x, x0);
  }

  private static float tail(MemorySegment rows, long row, int width, int from, float[] x, int x0) {
    float sum = 0;
    for (int j = from; j < width; j++) {
      sum += get(rows, row, j) * x[x0 + j];
    }
    return sum;
  }

  private static float dot(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      sum = load(rows, row, j).fma(FloatVector.fromArray(F, x, x0 + j), sum);
    }
    return sum.reduceLanes(ADD) + tail(rows, row, width, bound, x, x0);
  }

  @Override
  public void accumulate(
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
      int yStride) {
    if (WIDE != null && n > 1) {
      accumulateWidened(
          rows, offset, count, width, p, pOffset, pStride, pRowStride, n, y, yOffset, yStride);
      return;
    }
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      accumulate4(
          rows,
          offset,
          count,
          width,
          p,
          pOffset + i * pStride,
          pStride,
          pRowStride,
          y,
          yOffset + i * yStride,
          yStride);
    }
    for (; i < n; i++) {
      accumulate1(
          rows,
          offset,
          count,
          width,
          p,
          pOffset + i * pStride,
          pRowStride,
          y,
          yOffset + i * yStride);
    }
  }

  private static void accumulateWidened(
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
      int yStride) {
    int most = Math.max(1, WIDENED / width);
    MemorySegment wide = Scratch.memory((long) Math.min(count, most) * width * Float.BYTES);
    for (int r = 0; r < count; r += most) {
      int here = Math.min(most, count - r);
      int numbers = here * width;
      long from = offset + r * rowBytes(width);
      int bound = F.loopBound(numbers);
      for (int j = 0; j < bound; j += LANES) {
        load(rows, from, j).intoMemorySegment(wide, (long) j * Float.BYTES, LE);
      }
      for (int j = bound; j < numbers; j++) {
        wide.set(FLOAT, (long) j * Float.BYTES, get(rows, from, j));
      }
      int p0 = pOffset + r * pRowStride;
      WIDE.accumulate(wide, 0, here, width, p, p0, pStride, pRowStride, n, y, yOffset, yStride);
    }
  }

  private static void accumulate4(
      MemorySegment rows,
      long offset,
      int count,
      int width,
      float[] p,
      int p0,
      int pStride,
      int pRowStride,
      float[] y,
      int y0,
      int yStride) {
    long rowBytes = rowBytes(width);
    int p1 = p0 + pStride;
    int p2 = p1 + pStride;
    int p3 = p2 + pStride;
    int y1 = y0 + yStride;
    int y2 = y1 + yStride;
    int y3 = y2 + yStride;
    int j = 0;
    // Two vectors of each of four sums: eight independent chains hide the latency of fma.
    for (; j + 2 * LANES <= width; j += 2 * LANES) {
      int k = j + LANES;
      FloatVector a0 = FloatVector.fromArray(F, y, y0 + j);
      FloatVector b0 = FloatVector.fromArray(F, y, y0 + k);
      FloatVector a1 = FloatVector.fromArray(F, y, y1 + j);
      FloatVector b1 = FloatVector.fromArray(F, y, y1 + k);
      FloatVector a2 = FloatVector.fromArray(F, y, y2 + j);
      FloatVector b2 = FloatVector.fromArray(F, y, y2 + k);
      FloatVector a3 = FloatVector.fromArray(F, y, y3 + j);
      FloatVector b3 = FloatVector.fromArray(F, y, y3 + k);
      long at = offset;
      for (int r = 0; r < count; r++, at += rowBytes) {
        FloatVector v = load(rows, at, j);
        FloatVector w = load(rows, at, k);
        FloatVector u = FloatVector.broadcast(F, p[p0 + r * pRowStride]);
        a0 = v.fma(u, a0);
        b0 = w.fma(u, b0);
        u = FloatVector.broadcast(F, p[p1 + r * pRowStride]);
        a1 = v.fma(u, a1);
        b1 = w.fma(u, b1);
        u = FloatVector.broadcast(F, p[p2 + r * pRowStride]);
        a2 = v.fma(u, a2);
        b2 = w.fma(u, b2);
        u = FloatVector.broadcast(F, p[p3 + r * pRowStride]);
        a3 = v.fma(u, a3);
        b3 = w.fma(u, b3);
      }
      a0.intoArray(y, y0 + j);
      b0.intoArray(y, y0 + k);
      a1.intoArray(y, y1 + j);
      b1.intoArray(y, y1 + k);
      a2.intoArray(y, y2 + j);
      b2.intoArray(y, y2 + k);
      a3.intoArray(y, y3 + j);
      b3.intoArray(y, y3 + k);
    }
    if (j < width) {
      accumulateRest(rows, offset, count, width, j, p, p0, pRowStride, y, y0);
      accumulateRest(rows, offset, count, width, j, p, p1, pRowStride, y, y1);
      accumulateRest(rows, offset, count, width, j, p, p2, pRowStride, y, y2);
      accumulateRest(rows, offset, count, width, j, p, p3, pRowStride, y, y3);
    }
  }

  private static void accumulate1(
      MemorySegment rows,
      long offset,
      int count,
      int width,
      float[] p,
      int p0,
      int pRowStride,
      float[] y,
      int y0) {
    long rowBytes = rowBytes(width);
    int j = 0;
    for (; j + 4 * LANES <= width; j += 4 * LANES) {
      FloatVector a = FloatVector.fromArray(F, y, y0 + j);
      FloatVector b = FloatVector.fromArray(F, y, y0 + j + LANES);
      FloatVector c = FloatVector.fromArray(F, y, y0 + j + 2 * LANES);
      FloatVector d = FloatVector.fromArray(F, y, y0 + j + 3 * LANES);
      long at = offset;
      for (int r = 0; r < count; r++, at += rowBytes) {
        FloatVector u = FloatVector.broadcast(F, p[p0 + r * pRowStride]);
        a = load(rows, at, j).fma(u, a);
        b = load(rows, at, j + LANES).fma(u, b);
        c = load(rows, at, j + 2 * LANES).fma(u, c);
        d = load(rows, at, j + 3 * LANES).fma(u, d);
      }
      a.intoArray(y, y0 + j);
      b.intoArray(y, y0 + j + LANES);
      c.intoArray(y, y0 + j + 2 * LANES);
      d.intoArray(y, y0 + j + 3 * LANES);
    }
    accumulateRest(rows, offset, count, width, j, p, p0, pRowStride, y, y0);
  }

  private static void accumulateRest(
      MemorySegment rows,
      long offset,
      int count,
      int width,
      int from,
      float[] p,
      int p0,
      int pRowStride,
      float[] y,
      int y0) {
    long rowBytes = rowBytes(width);
    int j = from;
    for (; j + LANES <= width; j += LANES) {
      FloatVector a = FloatVector.fromArray(F, y, y0 + j);
      long at = offset;
      for (int r = 0; r < count; r++, at += rowBytes) {
        a = load(rows, at, j).fma(FloatVector.broadcast(F, p[p0 + r * pRowStride]), a);
      }
      a.intoArray(y, y0 + j);
    }
    for (; j < width; j++) {
      float sum = y[y0 + j];
      for (int r = 0; r < count; r++) {
        sum += p[p0 + r * pRowStride] * get(rows, offset + r * rowBytes, j);
      }
      y[y0 + j] = sum;
    }
  }

  @Override
  public void accumulate(
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
      int yStride) {
    if (n == 2) {
      int p1 = pOffset + pStride;
      int y1 = yOffset + yStride;
      accumulate2(rows, at, count, width, p, pOffset, p1, pRowStride, y, yOffset, y1);
      return;
    }
    int end;
    for (int r = 0; r < count; r = end) {
      end = stretch(at, r, count, width);
      int p0 = pOffset + r * pRowStride;
      accumulate(rows, at[r], end - r, width, p, p0, pStride, pRowStride, n, y, yOffset, yStride);
    }
  }

  private static void accumulate2(
      MemorySegment rows,
      long[] at,
      int count,
      int width,
      float[] p,
      int p0,
      int p1,
      int pRowStride,
      float[] y,
      int y0,
      int y1) {
    int j = 0;
    for (; j + 4 * LANES <= width; j += 4 * LANES) {
      FloatVector a0 = FloatVector.fromArray(F, y, y0 + j);
      FloatVector b0 = FloatVector.fromArray(F, y, y0 + j + LANES);
      FloatVector c0 = FloatVector.fromArray(F, y, y0 + j + 2 * LANES);
      FloatVector d0 = FloatVector.fromArray(F, y, y0 + j + 3 * LANES);
      FloatVector a1 = FloatVector.fromArray(F, y, y1 + j);
      FloatVector b1 = FloatVector.fromArray(F, y, y1 + j + LANES);
      FloatVector c1 = FloatVector.fromArray(F, y, y1 + j + 2 * LANES);
      FloatVector d1 = FloatVector.fromArray(F, y, y1 + j + 3 * LANES);
      for (int r = 0; r < count; r++) {
        FloatVector u = FloatVector.broadcast(F, p[p0 + r * pRowStride]);
        FloatVector v = FloatVector.broadcast(F, p[p1 + r * pRowStride]);
        FloatVector row = load(rows, at[r], j);
        a0 = row.fma(u, a0);
        a1 = row.fma(v, a1);
        row = load(rows, at[r], j + LANES);
        b0 = row.fma(u, b0);
        b1 = row.fma(v, b1);
        row = load(rows, at[r], j + 2 * LANES);
        c0 = row.fma(u, c0);
        c1 = row.fma(v, c1);
        row = load(rows, at[r], j + 3 * LANES);
        d0 = row.fma(u, d0);
        d1 = row.fma(v, d1);
      }
      a0.intoArray(y, y0 + j);
      b0.intoArray(y, y0 + j + LANES);
      c0.intoArray(y, y0 + j + 2 * LANES);
      d0.intoArray(y, y0 + j + 3 * LANES);
      a1.intoArray(y, y1 + j);
      b1.intoArray(y, y1 + j + LANES);
      c1.intoArray(y, y1 + j + 2 * LANES);
      d1.intoArray(y, y1 + j + 3 * LANES);
    }
    if (j < width) {
      for (int r = 0; r < count; r++) {
        int i = r * pRowStride;
        accumulateRest(rows, at[r], 1, width, j, p, p0 + i, pRowStride, y, y0);
        accumulateRest(rows, at[r], 1, width, j, p, p1 + i, pRowStride, y, y1);
      }
    }
  }

  @Override
  public void bound(
      MemorySegment min,
      MemorySegment max,
      long offset,
      int count,
      int width,
      float[] q,
      int qOffset,
      float[] y,
      int yOffset) {
    int bound = F.loopBound(width);
    long rowBytes = rowBytes(width);
    for (int r = 0; r < count; r++) {
      long row = offset + r * rowBytes;
      FloatVector sum = FloatVector.zero(F);
      for (int j = 0; j < bound; j += LANES) {
        FloatVector u = FloatVector.fromArray(F, q, qOffset + j);
        sum = sum.add(load(max, row, j).mul(u).max(load(min, row, j).mul(u)));
      }
      float rest = 0;
      for (int j = bound; j < width; j++) {
        float element = q[qOffset + j];
        rest += Math.max(element * get(max, row, j), element * get(min, row, j));
      }
      y[yOffset + r] = sum.reduceLanes(ADD) + rest;
    }
  }
}
