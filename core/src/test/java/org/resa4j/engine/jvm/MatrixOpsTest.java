package org.resa4j.engine.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.resa4j.model.DType;
import org.resa4j.model.QuantisedBlock;

/** The Vector API's loops over quantised rows, of any bits, against blocks taken apart singly. */
class MatrixOpsTest {
  private static final int[] COUNTS = {1, 3, 4, 9};
  private static final int[] VECTORS = {1, 2, 4, 7};

  /** Nothing may depend on alignment. */
  private static final int OFFSET = 3;

  private final Random random = new Random(7);

  static Stream<DType> formats() {
    return Arrays.stream(DType.values()).filter(DType::isQuantised);
  }

  /** Blocks of random bits, whose factors are numbers. */
  private MemorySegment rows(DType type, int elements) {
    MemorySegment rows = Arena.ofAuto().allocate(OFFSET + type.bytes(elements));
    QuantisedBlock block = new QuantisedBlock(type);
    byte[] bytes = new byte[type.blockBytes()];
    for (long at = OFFSET; at < rows.byteSize(); at += bytes.length) {
      do {
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, rows, ValueLayout.JAVA_BYTE, at, bytes.length);
        block.read(rows, at);
      } while (!isModerate(block));
    }
    return rows;
  }

  private static boolean isModerate(QuantisedBlock block) {
    for (int g = 0; g < block.groups(); g++) {
      // NaN compares as neither.
      if (!(Math.abs(block.scale(g)) < 100 && Math.abs(block.min(g)) < 100)) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void widenIsTheBlocksValueBitByBit(DType type) {
    MemorySegment rows = rows(type, 1024);
    float[] expected = new float[1 + 1024];
    float[] actual = new float[1 + 1024];
    new ScalarOps().matrix(type).widen(rows, OFFSET, 1024, expected, 1);
    new PanamaOps().matrix(type).widen(rows, OFFSET, 1024, actual, 1);
    for (int i = 0; i < actual.length; i++) {
      assertThat(Float.floatToRawIntBits(actual[i]))
          .as("element %d: %s, not %s", i - 1, actual[i], expected[i])
          .isEqualTo(Float.floatToRawIntBits(expected[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void multiplyEqualsDoublePrecision(DType type) {
    for (int width : new int[] {type.blockLength(), 3 * type.blockLength(), 1280}) {
      for (int count : COUNTS) {
        for (int n : VECTORS) {
          check(type, width, count, n);
        }
      }
    }
  }

  private void check(DType type, int width, int count, int n) {
    MemorySegment rows = rows(type, count * width);
    float[] weights = new float[count * width];
    new ScalarOps().matrix(type).widen(rows, OFFSET, weights.length, weights, 0);
    float[] x = new float[3 + n * (width + 2)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] untouched = new float[5 + n * (count + 1)];
    Arrays.fill(untouched, 42);
    for (VectorOps ops : new VectorOps[] {new ScalarOps(), new PanamaOps()}) {
      float[] y = untouched.clone();
      ops.matrix(type).multiply(rows, OFFSET, count, width, x, 3, width + 2, n, y, 5, count + 1);
      for (int i = 0; i < n; i++) {
        for (int r = 0; r < count; r++) {
          double sum = 0;
          double size = 0;
          for (int j = 0; j < width; j++) {
            double product = (double) weights[r * width + j] * x[3 + i * (width + 2) + j];
            sum += product;
            size += Math.abs(product);
          }
          int at = 5 + i * (count + 1) + r;
          assertThat((double) y[at])
              .as("%s %s %d rows of %d, %d vectors", ops.name(), type, count, width, n)
              .isCloseTo(sum, within(1e-5 * size));
          untouched[at] = y[at];
        }
      }
      assertThat(y).isEqualTo(untouched);
      Arrays.fill(untouched, 42);
    }
  }
}
