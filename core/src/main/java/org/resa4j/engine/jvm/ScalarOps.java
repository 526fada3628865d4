package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.resa4j.model.DType;

/**
 * The inner loops in plain Java: what runs without the Vector API, and what that one is tested
 * against.
 */
final class ScalarOps implements VectorOps {

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public RowOps rows(DType type) {
    if (type.isQuantised() && type != DType.Q8_0) {
      throw new IllegalArgumentException(type + " is no format of a KV cache");
    }
    return new ScalarRows(type);
  }

  @Override
  public MatrixOps matrix(DType type) {
    return type.isQuantised() ? new ScalarBlocks(type) : rows(type);
  }

  @Override
  public float max(float[] x, int offset, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, x[offset + i]);
    }
    return max;
  }

  @Override
  public int atLeast(float[] x, int offset, int count, float floor, int[] at) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      at[found] = i;
      found += x[offset + i] >= floor ? 1 : 0;
    }
    return found;
  }

  /** By quickselect with the median of three as pivot. */
  @Override
  public float nthHighest(float[] x, int count, int n, float[] spare) {
    int low = 0;
    int high = count - 1;
    int target = n - 1;
    while (low < high) {
      float pivot = medianOfThree(x[low], x[(low + high) >>> 1], x[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (x[i] > pivot) {
          i++;
        }
        while (x[j] < pivot) {
          j--;
        }
        if (i <= j) {
          float swapped = x[i];
          x[i++] = x[j];
          x[j--] = swapped;
        }
      }
      if (target <= j) {
        high = j;
      } else if (target >= i) {
        low = i;
      } else {
        return x[target];
      }
    }
    return x[target];
  }

  static float medianOfThree(float a, float b, float c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  @Override
  public float exponentials(float[] x, int offset, int count, float max) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      float e = (float) Math.exp(x[offset + i] - max);
      x[offset + i] = e;
      sum += e;
    }
    return sum;
  }

  @Override
  public void swiGlu(float[] gate, float[] up, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      gate[i] = gate[i] / (1 + (float) Math.exp(-gate[i])) * up[i];
    }
  }

  @Override
  public void softmaxColumns(
      float[] x, int rows, int columns, float[] max, float[] sum, float[] rescale) {
    for (int j = 0; j < columns; j++) {
      float highest = max[j];
      for (int r = 0; r < rows; r++) {
        highest = Math.max(highest, x[r * columns + j]);
      }
      rescale[j] = (float) Math.exp(max[j] - highest);
      max[j] = highest;
      float added = 0;
      for (int r = 0; r < rows; r++) {
        float e = (float) Math.exp(x[r * columns + j] - highest);
        x[r * columns + j] = e;
        added += e;
      }
      sum[j] = sum[j] * rescale[j] + added;
    }
  }

  @Override
  public void scale(float[] y, int offset, int count, float scale) {
    for (int i = 0; i < count; i++) {
      y[offset + i] *= scale;
    }
  }

  /** Element access by format; the loops are the definitions. */
  private record ScalarRows(DType type) implements RowOps {
    private static final ValueLayout.OfFloat FLOAT =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private float get(MemorySegment rows, long offset, long index) {
      return switch (type) {
        case F32 -> rows.get(FLOAT, offset + index * 4);
        case F16 -> Float.float16ToFloat(rows.get(SHORT, offset + index * 2));
        case BF16 -> Float.intBitsToFloat(rows.get(SHORT, offset + index * 2) << 16);
        case Q8_0 -> {
          long block = offset + index / 32 * 34;
          yield Float.float16ToFloat(rows.get(SHORT, block))
              * rows.get(ValueLayout.JAVA_BYTE, block + 2 + index % 32);
        }
        default -> throw new IllegalArgumentException(type + " is no format of a KV cache");
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
      for (int r = 0; r < count; r++) {
        for (int i = 0; i < n; i++) {
          float sum = 0;
          for (int j = 0; j < width; j++) {
            sum += get(rows, offset, (long) r * width + j) * x[xOffset + i * xStride + j];
          }
          y[yOffset + i * yStride + r] = sum;
        }
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
      for (int r = 0; r < count; r++) {
        multiply(rows, at[r], 1, width, x, xOffset, xStride, n, y, yOffset + r, yStride);
      }
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
      for (int r = 0; r < count; r++) {
        for (int i = 0; i < n; i++) {
          float weight = p[pOffset + i * pStride + r * pRowStride];
          for (int j = 0; j < width; j++) {
            y[yOffset + i * yStride + j] += weight * get(rows, offset, (long) r * width + j);
          }
        }
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
      for (int r = 0; r < count; r++) {
        int p0 = pOffset + r * pRowStride;
        accumulate(rows, at[r], 1, width, p, p0, pStride, pRowStride, n, y, yOffset, yStride);
      }
    }

    @Override
    public void widen(MemorySegment rows, long[] at, int count, int width, float[] to) {
      for (int r = 0; r < count; r++) {
        widen(rows, at[r], width, to, r * width);
      }
    }

    /** Nothing: plain loops are bound by their arithmetic. */
    @Override
    public int touch(MemorySegment rows, long[] at, int count, int width) {
      return 0;
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
      for (int r = 0; r < count; r++) {
        float sum = 0;
        for (int j = 0; j < width; j++) {
          long index = (long) r * width + j;
          float element = q[qOffset + j];
          sum += Math.max(element * get(max, offset, index), element * get(min, offset, index));
        }
        y[yOffset + r] = sum;
      }
    }

    @Override
    public void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset) {
      for (int j = 0; j < count; j++) {
        to[toOffset + j] = get(rows, offset, j);
      }
    }
  }
}
