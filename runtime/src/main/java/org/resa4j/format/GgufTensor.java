package org.resa4j.format;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import org.resa4j.error.InputException;
import org.resa4j.model.DType;
import org.resa4j.model.Tensor;

/**
 * What the header says of a tensor.
 *
 * @param shape outermost dimension first; the header has them the other way round
 * @param bytes what it takes
 * @param offset from the beginning of the tensors' data
 */
record GgufTensor(String name, DType dtype, long[] shape, long bytes, long offset) {
  private static final int MOST_DIMENSIONS = 4;

  /** By their numbers in the header. */
  private static final Map<Integer, DType> TYPES =
      Map.ofEntries(
          Map.entry(0, DType.F32),
          Map.entry(1, DType.F16),
          Map.entry(2, DType.Q4_0),
          Map.entry(3, DType.Q4_1),
          Map.entry(6, DType.Q5_0),
          Map.entry(7, DType.Q5_1),
          Map.entry(8, DType.Q8_0),
          Map.entry(10, DType.Q2_K),
          Map.entry(11, DType.Q3_K),
          Map.entry(12, DType.Q4_K),
          Map.entry(13, DType.Q5_K),
          Map.entry(14, DType.Q6_K),
          Map.entry(20, DType.IQ4_NL),
          Map.entry(30, DType.BF16));

  /** Those that ggml has besides, to name them. */
  private static final Map<Integer, String> OTHER_TYPES =
      Map.ofEntries(
          Map.entry(9, "Q8_1"),
          Map.entry(15, "Q8_K"),
          Map.entry(16, "IQ2_XXS"),
          Map.entry(17, "IQ2_XS"),
          Map.entry(18, "IQ3_XXS"),
          Map.entry(19, "IQ1_S"),
          Map.entry(21, "IQ3_S"),
          Map.entry(22, "IQ2_S"),
          Map.entry(23, "IQ4_XS"),
          Map.entry(24, "I8"),
          Map.entry(25, "I16"),
          Map.entry(26, "I32"),
          Map.entry(27, "I64"),
          Map.entry(28, "F64"),
          Map.entry(29, "IQ1_M"),
          Map.entry(34, "TQ1_0"),
          Map.entry(35, "TQ2_0"),
          Map.entry(39, "MXFP4"),
          Map.entry(40, "NVFP4"));

  /** The number of a format in the header. */
  static int number(DType dtype) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == dtype)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** Reads the header's entry number {@code index}. */
  static GgufTensor read(GgufReader reader, long index) {
    reader.reading("tensor " + index);
    String name = reader.text("tensor %d's name".formatted(index));
    reader.reading("tensor " + name);
    int dimensions = reader.int32();
    if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
      throw reader.fault(
          "has %s dimensions, not 1 to %d"
              .formatted(Integer.toUnsignedString(dimensions), MOST_DIMENSIONS));
    }
    long[] shape = new long[dimensions];
    for (int i = dimensions - 1; i >= 0; i--) {
      shape[i] = reader.int64();
      if (shape[i] < 1) {
        throw reader.fault("has a dimension of " + Long.toUnsignedString(shape[i]));
      }
    }
    DType dtype = dtype(reader);
    long row = shape[dimensions - 1];
    if (row % dtype.blockLength() != 0) {
      throw reader.fault(
          "has rows of %d elements, which are no whole blocks of %d as %s has them"
              .formatted(row, dtype.blockLength(), dtype));
    }
    try {
      long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
      return new GgufTensor(name, dtype, shape, dtype.bytes(elements), reader.int64());
    } catch (ArithmeticException e) {
      throw new InputException(
          reader.fault("has a shape that overflows any memory").getMessage(), e);
    }
  }

  private static DType dtype(GgufReader reader) {
    int number = reader.int32();
    DType dtype = TYPES.get(number);
    if (dtype == null) {
      String name = OTHER_TYPES.get(number);
      throw reader.fault(
          name == null
              ? "is of the unknown type " + Integer.toUnsignedString(number)
              : "is %s, which is not supported; supported are %s"
                  .formatted(name, Arrays.toString(DType.values())));
    }
    return dtype;
  }

  Tensor of(MemorySegment data) {
    return new Tensor(name, dtype, shape, data);
  }
}
