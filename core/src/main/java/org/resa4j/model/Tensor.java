package org.resa4j.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in place: a view of mapped or native memory, row-major, little-endian, of any alignment.
 *
 * @param name its name in the checkpoint
 * @param dtype number format
 * @param shape dimensions, outermost first
 * @param data exactly the tensor's bytes
 */
public record Tensor(String name, DType dtype, long[] shape, MemorySegment data) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * @throws IllegalArgumentException if the bytes do not match shape and format
   */
  public Tensor {
    long bytes = bytes(name, dtype, shape);
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "%s: shape %s in %s takes %d bytes, not %d"
              .formatted(name, Arrays.toString(shape), dtype, bytes, data.byteSize()));
    }
  }

  private static long bytes(String name, DType dtype, long[] shape) {
    if (dtype.isQuantised()
        && (shape.length == 0 || shape[shape.length - 1] % dtype.blockLength() != 0)) {
      throw new IllegalArgumentException(
          "%s: rows of shape %s are no whole blocks of %d, as %s has them"
              .formatted(name, Arrays.toString(shape), dtype.blockLength(), dtype));
    }
    return dtype.bytes(elements(shape));
  }

  private static long elements(long[] shape) {
    long product = 1;
    for (long dimension : shape) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }

  public long size() {
    return elements(shape);
  }

  /** Rows of a matrix, or the length of a vector. */
  public int rows() {
    return Math.toIntExact(shape[0]);
  }

  /** Columns of a matrix: the inputs of a linear layer. */
  public int columns() {
    return Math.toIntExact(shape[1]);
  }

  /** One element, widened to fp32. Of a quantised tensor its whole block is taken apart. */
  public float get(long index) {
    return switch (dtype) {
      case F32 -> data.get(FLOAT, index * 4);
      case F16 -> Float.float16ToFloat(data.get(SHORT, index * 2));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, index * 2) << 16);
      default -> {
        int length = dtype.blockLength();
        float[] block = new float[length];
        widen(index - index % length, length, block, 0);
        yield block[(int) (index % length)];
      }
    };
  }

  /**
   * Copies elements, widened to fp32.
   *
   * @param from the first; as {@code count}, a multiple of the block's length
   * @throws IllegalArgumentException if they are no whole blocks
   */
  public void widen(long from, int count, float[] to, int toOffset) {
    if (!dtype.isQuantised()) {
      for (int i = 0; i < count; i++) {
        to[toOffset + i] = get(from + i);
      }
      return;
    }
    long at = dtype.bytes(from);
    long end = at + dtype.bytes(count);
    QuantisedBlock block = new QuantisedBlock(dtype);
    for (int i = toOffset; at < end; at += dtype.blockBytes(), i += dtype.blockLength()) {
      block.read(data, at);
      block.widen(to, i);
    }
  }

  /** A row of a matrix, widened to fp32. */
  public void row(int row, float[] to, int toOffset) {
    widen((long) row * columns(), columns(), to, toOffset);
  }

  /** A copy in fp32; for small tensors such as norms and biases. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(size())];
    widen(0, values.length, values, 0);
    return values;
  }

  /** Index of the first element that is NaN or infinite; -1 if all are numbers. */
  public long firstNonFinite() {
    long size = size();
    int step = dtype.isQuantised() ? dtype.blockLength() : 1;
    float[] values = new float[step];
    for (long from = 0; from < size; from += step) {
      widen(from, step, values, 0);
      for (int i = 0; i < step; i++) {
        if (!Float.isFinite(values[i])) {
          return from + i;
        }
      }
    }
    return -1;
  }
}
