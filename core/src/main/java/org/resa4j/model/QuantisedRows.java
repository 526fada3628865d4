package org.resa4j.model;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.resa4j.error.InputException;

/** Writes rows of a matrix in another format, on all cores; see {@link Quantiser}. */
public final class QuantisedRows {
  private static final int ROWS_AT_ONCE = 64;

  private QuantisedRows() {}

  /**
   * Writes rows one after the other.
   *
   * @param to one that {@link Quantiser#writes}, whose blocks a row has a whole number of
   * @param order the matrix' row that comes at a place
   * @param from the first place
   * @param count of rows
   * @param data where they go, from its beginning
   * @throws InputException if a number is not finite, or larger than the format holds
   */
  public static void write(
      Tensor matrix, DType to, IntUnaryOperator order, int from, int count, MemorySegment data) {
    int columns = matrix.columns();
    long rowBytes = to.bytes(columns);
    Quantiser quantiser = Quantiser.of(to);
    IntStream.range(0, Math.ceilDiv(count, ROWS_AT_ONCE))
        .parallel()
        .forEach(
            chunk -> {
              float[] row = new float[columns];
              int end = Math.min(count, (chunk + 1) * ROWS_AT_ONCE);
              for (int i = chunk * ROWS_AT_ONCE; i < end; i++) {
                int r = order.applyAsInt(from + i);
                matrix.row(r, row, 0);
                check(matrix, row, r, to);
                quantiser.write(row, 0, columns, data, i * rowBytes);
              }
            });
  }

  /** What is no number would come out as one, and what is too large as infinite. */
  private static void check(Tensor matrix, float[] row, int r, DType to) {
    for (int j = 0; j < row.length; j++) {
      boolean fits =
          Float.isFinite(row[j])
              && (to != DType.F16
                  || Float.isFinite(Float.float16ToFloat(Float.floatToFloat16(row[j]))));
      if (!fits) {
        throw new InputException(
            "%s has %s in row %d, column %d, and cannot be made %s"
                .formatted(matrix.name(), row[j], r, j, to));
      }
    }
  }
}
