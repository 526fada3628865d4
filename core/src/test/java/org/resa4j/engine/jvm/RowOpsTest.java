package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.model.DType;
import org.resa4j.model.Quantiser;

/** The Vector API's loops against the plain ones, at sizes that leave every kind of remainder. */
class RowOpsTest {
  private static final long SEED = 99;
  private static final int[] WIDTHS = {1, 7, 16, 32, 33, 64, 80, 96, 128};
  private static final int[] COUNTS = {1, 3, 4, 9};
  private static final int[] VECTORS = {1, 3, 4, 5, 8};

  /** Rows of any format at an odd offset: nothing may depend on alignment. */
  private static final int OFFSET = 2;

  private final Random random = new Random(SEED);

  static Stream<DType> formats() {
    return Stream.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0);
  }

  private MemorySegment rows(DType type, int elements) {
    MemorySegment rows = Arena.ofAuto().allocate(OFFSET + type.bytes(elements));
    float[] x = gaussian(elements);
    for (int i = 0; i < elements; i += 5) {
      // Down to the subnormals of fp16.
      x[i] *= 1e-6f;
    }
    Quantiser.of(type).write(x, 0, elements, rows, OFFSET);
    return rows;
  }

  private static int[] widths(DType type) {
    return IntStream.of(WIDTHS).filter(width -> width % type.blockLength() == 0).toArray();
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
    for (int width : widths(type)) {
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

  /** Offsets of rows, in any order, some of them more than once. */
  private long[] scattered(DType type, int count, int width) {
    return random
        .ints(count + 1, 0, count)
        .mapToLong(row -> OFFSET + type.bytes((long) row * width))
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void multiplyOfScatteredRowsEqualsThePlainLoop(DType type) {
    RowOps plain = new ScalarOps().rows(type);
    RowOps vector = new PanamaOps().rows(type);
    for (int width : widths(type)) {
      for (int count : COUNTS) {
        for (int n : VECTORS) {
          MemorySegment rows = rows(type, count * width);
          long[] at = scattered(type, count, width);
          float[] x = gaussian(3 + n * (width + 2));
          float[] expected = gaussian(5 + n * (count + 1));
          float[] actual = expected.clone();
          plain.multiply(rows, at, count, width, x, 3, width + 2, n, expected, 5, count + 1);
          vector.multiply(rows, at, count, width, x, 3, width + 2, n, actual, 5, count + 1);
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
    for (int width : widths(type)) {
      for (int count : COUNTS) {
        for (int n : VECTORS) {
          MemorySegment rows = rows(type, count * width);
          long[] at = scattered(type, count, width);
          float[] p = gaussian(3 + n * (count + 2));
          float[] expected = gaussian(5 + n * (width + 1));
          float[] actual = expected.clone();
          int stride = count + 2;
          plain.accumulate(rows, at, count, width, p, 3, stride, 1, n, expected, 5, width + 1);
          vector.accumulate(rows, at, count, width, p, 3, stride, 1, n, actual, 5, width + 1);
          assertThat(actual)
              .as("%s %d rows of %d, %d sums", type, count, width, n)
              .containsExactly(expected, within(1e-4f));
          plain.accumulate(rows, OFFSET, count, width, p, 3, stride, 1, n, expected, 5, width + 1);
          vector.accumulate(rows, OFFSET, count, width, p, 3, stride, 1, n, actual, 5, width + 1);
          assertThat(actual).as("neighbours").containsExactly(expected, within(1e-4f));
          // The same weights turned around.
          float[] turned = new float[3 + count * n];
          for (int i = 0; i < n; i++) {
            for (int r = 0; r < count; r++) {
              turned[3 + r * n + i] = p[3 + i * stride + r];
            }
          }
          float[] again = actual.clone();
          vector.accumulate(rows, at, count, width, p, 3, stride, 1, n, actual, 5, width + 1);
          vector.accumulate(rows, at, count, width, turned, 3, 1, n, n, again, 5, width + 1);
          assertThat(again).containsExactly(actual, within(1e-4f));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void boundEqualsThePlainLoop(DType type) {
    RowOps plain = new ScalarOps().rows(type);
    RowOps vector = new PanamaOps().rows(type);
    for (int width : widths(type)) {
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

  @ParameterizedTest
  @MethodSource("formats")
  void widenEqualsThePlainLoop(DType type) {
    for (int blocks : new int[] {1, 15, 16, 100}) {
      int count = blocks * type.blockLength();
      MemorySegment rows = rows(type, count);
      float[] expected = new float[count];
      float[] actual = new float[count];
      new ScalarOps().rows(type).widen(rows, OFFSET, count, expected, 0);
      new PanamaOps().rows(type).widen(rows, OFFSET, count, actual, 0);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void widenOfScatteredRowsAndOfNeighboursEqualsThePlainLoop(DType type) {
    for (int width : widths(type)) {
      MemorySegment rows = rows(type, 9 * width);
      long[] at = scattered(type, 9, width);
      at[4] = at[3] + type.bytes(width) * (at[3] < type.bytes(8L * width) ? 1 : -1);
      float[] expected = new float[9 * width];
      float[] actual = new float[9 * width];
      new ScalarOps().rows(type).widen(rows, at, 9, width, expected);
      new PanamaOps().rows(type).widen(rows, at, 9, width, actual);
      assertThat(actual).isEqualTo(expected);
    }
  }

  /** Beyond the last row is the segment's end, and a read there an error. */
  @ParameterizedTest
  @MethodSource("formats")
  void touchStaysWithinItsRows(DType type) {
    for (int width : widths(type)) {
      MemorySegment rows = rows(type, 3 * width);
      long[] at = {OFFSET + type.bytes(2L * width), OFFSET};
      assertThatCode(() -> new PanamaOps().rows(type).touch(rows, at, 2, width))
          .as("%s %d", type, width)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void softmaxGoesOnAsOneOverAllRowsWould() {
    int columns = 32;
    float[] x = gaussian(9 * columns);
    x[5] = Float.NEGATIVE_INFINITY;
    for (VectorOps ops : new VectorOps[] {new ScalarOps(), new PanamaOps()}) {
      float[] max = new float[columns];
      float[] sum = new float[columns];
      float[] rescale = new float[columns];
      java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
      float[] first = java.util.Arrays.copyOf(x, 4 * columns);
      ops.softmaxColumns(first, 4, columns, max, sum, rescale);
      assertThat(rescale).containsOnly(0);
      float[] second = java.util.Arrays.copyOfRange(x, 4 * columns, 9 * columns);
      ops.softmaxColumns(second, 5, columns, max, sum, rescale);
      for (int j = 0; j < columns; j++) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int r = 0; r < 9; r++) {
          highest = Math.max(highest, x[r * columns + j]);
        }
        double total = 0;
        for (int r = 0; r < 9; r++) {
          total += Math.exp(x[r * columns + j] - highest);
        }
        assertThat(max[j]).isEqualTo((float) highest);
        assertThat((double) sum[j]).isCloseTo(total, within(1e-4));
        assertThat((double) second[j])
            .isCloseTo(Math.exp(x[4 * columns + j] - highest), within(1e-6));
        assertThat((double) first[j] * rescale[j])
            .isCloseTo(Math.exp(x[j] - highest), within(1e-6));
      }
    }
  }

  @Test
  void exponentialsHoldOverTheirWholeRange() {
    int count = 100_000;
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = -100f * i / count;
    }
    x[count - 1] = Float.NEGATIVE_INFINITY;
    float[] actual = x.clone();
    new PanamaOps().exponentials(actual, 0, count, 0);
    for (int i = 0; i < count; i++) {
      double expected = Math.exp(x[i]);
      assertThat((double) actual[i]).isCloseTo(expected, within(3e-7 * expected + 2e-38));
    }
    assertThat(actual[0]).isEqualTo(1);
    assertThat(actual[count - 1]).isZero();
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
