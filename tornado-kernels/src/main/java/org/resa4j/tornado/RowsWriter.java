package org.resa4j.tornado;

import org.resa4j.engine.StepBatch;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Writes what a call asks for into the arrays that are sent. */
final class RowsWriter {
  private final IntArray rows;
  private final IntArray chunk;

  RowsWriter(IntArray rows, IntArray chunk) {
    this.rows = rows;
    this.chunk = chunk;
  }

  /** A step's rows. */
  void rows(StepBatch batch) {
    rows.set(Rows.COUNT, batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      int at = Rows.HEADER + row * Rows.INTS;
      rows.set(at + Rows.SEQUENCE, batch.sequence(row));
      rows.set(at + Rows.POSITION, batch.position(row));
      rows.set(at + Rows.KEEP_BLOCKS, batch.keepBlocks(row));
      rows.set(at + Rows.LOCAL_BLOCKS, batch.localBlocks(row));
    }
  }

  /** An encode call's tokens. */
  void chunk(int sequence, int position, int count) {
    chunk.set(Chunk.SEQUENCE, sequence);
    chunk.set(Chunk.POSITION, position);
    chunk.set(Chunk.COUNT, count);
    chunk.set(Chunk.LAST_ROWS, 1);
    chunk.set(Chunk.MEASURE, 0);
  }

  /** The same for a call that tells how far the tokens' cached K and V were from the new ones. */
  void measuredChunk(int sequence, int position, int count) {
    chunk(sequence, position, count);
    chunk.set(Chunk.MEASURE, 1);
  }

  /** An encode call with nothing to do. */
  void noChunk() {
    chunk.set(Chunk.POSITION, 0);
    chunk.set(Chunk.COUNT, 0);
    chunk.set(Chunk.LAST_ROWS, 0);
    chunk.set(Chunk.MEASURE, 0);
  }
}
