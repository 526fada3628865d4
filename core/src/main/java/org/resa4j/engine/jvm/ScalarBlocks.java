package org.resa4j.engine.jvm;

import java.lang.foreign.MemorySegment;
import org.resa4j.model.DType;
import org.resa4j.model.QuantisedBlock;

/** Rows of a quantised format in plain Java: each is widened, then multiplied. */
record ScalarBlocks(DType type) implements MatrixOps {

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
    float[] row = Scratch.floats(width);
    for (int r = 0; r < count; r++) {
      widen(rows, offset + r * type.bytes(width), width, row, 0);
      for (int i = 0; i < n; i++) {
        float sum = 0;
        for (int j = 0; j < width; j++) {
          sum += row[j] * x[xOffset + i * xStride + j];
        }
        y[yOffset + i * yStride + r] = sum;
      }
    }
  }

  @Override
  public void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset) {
    QuantisedBlock block = new QuantisedBlock(type);
    for (int i = 0; i < count; i += type.blockLength()) {
      block.read(rows, offset + type.bytes(i));
      block.widen(to, toOffset + i);
    }
  }
}
