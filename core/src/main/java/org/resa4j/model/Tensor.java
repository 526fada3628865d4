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
    long bytes = Math.multiplyExact(elements(shape), (long) dtype.bytes());
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "%s: shape %s in %s takes %d bytes, not %d"
              .formatted(name, Arrays.toString(shape), dtype, bytes, data.byteSize()));
    }
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

  /** One element, widened to fp32. */
  public float get(long index) {
    return switch (dtype) {
      case F32 -> data.get(FLOAT, index * 4);
      case F16 -> Float.float16ToFloat(data.get(SHORT, index * 2));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, index * 2) << 16);
    };
  }

  /** A copy in fp32; for small tensors such as norms and biases. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Index of the first element that is NaN or infinite; -1 if all are numbers. */
  public long firstNonFinite() {
    long size = size();
    for (long i = 0; i < size; i++) {
      if (!Float.isFinite(get(i))) {
        return i;
      }
    }
    return -1;
  }
}
