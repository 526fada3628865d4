package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.model.DType;

/** The Vector API's loops against the plain ones, at sizes that leave every kind of remainder. */
class RowOpsTest {
  private static final long SEED = 99;
  private static final int[] WIDTHS = {1, 7, 16, 33, 64, 80, 128};
  private static final int[] COUNTS = {1, 3, 4, 9};
  private static final int[] VECTORS = {1, 3, 4, 5, 8};

  /** Rows of any format at an odd offset: nothing may depend on alignment. */
  private static final int OFFSET = 2;

  private final Random random = new Random(SEED);

  static Stream<DType> formats() {
    return Stream.of(DType.values());
  }

  private MemorySegment rows(DType type, int elements) {
    MemorySegment rows = Arena.ofAuto().allocate(OFFSET + (long) elements * type.bytes());
    for (int i = 0; i < elements; i++) {
      // Down to the subnormals of fp16.
      float x = (float) (random.nextGaussian() * (i % 5 == 0 ? 1e-6 : 1));
      long at = OFFSET + (long) i * type.bytes();
      switch (type) {
        case F32 -> rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, x);
        case F16 -> rows.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(x));
        case BF16 ->
            rows.set(
                ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (Float.floatToIntBits(x) >>> 16));
      }
    }
    return rows;
  }

  private float[] gaussian(int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void multiplyEqualsThePlainLoop(DType type) {
    RowOps plain = new ScalarOps().rows(type);
    RowOps vector = new PanamaOps().rows(type);
    for (int width : WIDTHS) {
      for (int count : COUNTS) {
        for (int n : VECTORS) {
          MemorySegment rows = rows(type, count * width);
          float[] x = gaussian(3 + n * (width + 2));
          float[] expected = gaussian(5 + n * (count + 1));
          float[] actual = expected.clone();
          plain.multiply(rows, OFFSET, count, width, x, 3, width + 2, n, expected, 5, count + 1);
          vector.multiply(rows, OFFSET, count, width, x, 3, width + 2, n, actual, 5, count + 1);
          assertThat(actual)
              .as("%s %d rows of %d, %d vectors", type, count, width, n)
              .containsExactly(expected, within(1e-4f));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void accumulateEqualsThePlainLoop(DType type) {
    RowOps plain = new ScalarOps().rows(type);
    RowOps vector = new PanamaOps().rows(type);
    for (int width : WIDTHS) {
      for (int count : COUNTS) {
        for (int n : VECTORS) {
          MemorySegment rows = rows(type, count * width);
          float[] p = gaussian(3 + n * (count + 2));
          float[] expected = gaussian(5 + n * (width + 1));
          float[] actual = expected.clone();
          plain.accumulate(rows, OFFSET, count, width, p, 3, count + 2, n, expected, 5, width + 1);
          vector.accumulate(rows, OFFSET, count, width, p, 3, count + 2, n, actual, 5, width + 1);
          assertThat(actual)
              .as("%s %d rows of %d, %d sums", type, count, width, n)
              .containsExactly(expected, within(1e-4f));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void boundEqualsThePlainLoop(DType type) {
    RowOps plain = new ScalarOps().rows(type);
    RowOps vector = new PanamaOps().rows(type);
    for (int width : WIDTHS) {
      MemorySegment min = rows(type, 9 * width);
      MemorySegment max = rows(type, 9 * width);
      float[] q = gaussian(2 + width);
      float[] expected = gaussian(12);
      float[] actual = expected.clone();
      plain.bound(min, max, OFFSET, 9, width, q, 2, expected, 3);
      vector.bound(min, max, OFFSET, 9, width, q, 2, actual, 3);
      assertThat(actual).as(type + " " + width).containsExactly(expected, within(1e-4f));
    }
  }

  @Test
  void theRestEqualsThePlainLoops() {
    VectorOps plain = new ScalarOps();
    VectorOps vector = new PanamaOps();
    for (int count : new int[] {1, 15, 16, 17, 100}) {
      float[] x = gaussian(count + 3);
      assertThat(vector.max(x, 3, count)).isEqualTo(plain.max(x, 3, count));
      x[3] = Float.NEGATIVE_INFINITY;
      float[] expected = x.clone();
      float[] actual = x.clone();
      float sum = plain.exponentials(expected, 3, count, 1.5f);
      assertThat(vector.exponentials(actual, 3, count, 1.5f)).isEqualTo(sum, within(1e-4f));
      assertThat(actual).containsExactly(expected, within(1e-6f));
      float[] up = gaussian(count + 3);
      expected = gaussian(count + 3);
      float[] gate = expected.clone();
      plain.scale(expected, 3, count, 0.3f);
      vector.scale(gate, 3, count, 0.3f);
      assertThat(gate).containsExactly(expected, within(1e-6f));
      plain.swiGlu(expected, up, 3, count);
      vector.swiGlu(gate, up, 3, count);
      assertThat(gate).containsExactly(expected, within(1e-6f));
    }
  }
}
