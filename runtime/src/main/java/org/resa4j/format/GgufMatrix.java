package org.resa4j.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.util.function.IntUnaryOperator;
import org.resa4j.model.DType;
import org.resa4j.model.QuantisedRows;
import org.resa4j.model.Tensor;

/**
 * A matrix on its way into a GGUF file in another format or order, some rows at a time.
 *
 * @param to what it becomes
 * @param order the matrix' row that comes at a place of the file
 */
record GgufMatrix(Tensor matrix, DType to, IntUnaryOperator order) implements GgufWriter.Contents {
  /** Enough for all cores, and little beside a model. */
  private static final long MOST_BYTES = 32 << 20;

  @Override
  public void writeTo(WritableByteChannel channel) throws IOException {
    long rowBytes = to.bytes(matrix.columns());
    int rows = matrix.rows();
    int most = (int) Math.clamp(MOST_BYTES / rowBytes, 1, rows);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment buffer = arena.allocate(most * rowBytes, 64);
      for (int from = 0; from < rows; from += most) {
        int count = Math.min(most, rows - from);
        QuantisedRows.write(matrix, to, order, from, count, buffer);
        GgufWriter.writeAll(channel, buffer.asSlice(0, count * rowBytes));
      }
    }
  }
}
