package org.resa4j.tornado;

import java.util.BitSet;
import org.resa4j.engine.StepBatch;
import org.resa4j.tornado.AttentionBuffers.Chunk;
import org.resa4j.tornado.AttentionBuffers.Rows;
import org.resa4j.tornado.AttentionBuffers.Workspace;

/** Checks what a call asks for and writes it into the arrays that the kernels read. */
final class RowsWriter {
  private final AttentionLayout layout;
  private final Workspace work;
  private final BitSet seen = new BitSet();

  RowsWriter(AttentionLayout layout, Workspace work) {
    this.layout = layout;
    this.work = work;
  }

  /**
   * A step's rows.
   *
   * @throws IllegalArgumentException for no or too many rows, a slot or position out of range, or a
   *     slot named twice
   */
  void rows(StepBatch batch) {
    if (batch.rows() < 1 || batch.rows() > layout.sequences()) {
      throw new IllegalArgumentException(
          "a step takes 1 to %d rows, not %d".formatted(layout.sequences(), batch.rows()));
    }
    seen.clear();
    for (int row = 0; row < batch.rows(); row++) {
      int sequence = batch.sequence(row);
      checkTokens(sequence, batch.position(row), 1);
      if (seen.get(sequence)) {
        throw new IllegalArgumentException("sequence " + sequence + " has two rows");
      }
      seen.set(sequence);
      int blocks = Math.ceilDiv(batch.tokens(row), layout.blockSize());
      if (batch.keepBlocks(row) > blocks) {
        throw new IllegalArgumentException(
            "row %d keeps %d of %d blocks: its block size is not the engine's, %d"
                .formatted(row, batch.keepBlocks(row), blocks, layout.blockSize()));
      }
    }
    work.rows().set(Rows.COUNT, batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      int at = Rows.HEADER + row * Rows.INTS;
      work.rows().set(at + Rows.SEQUENCE, batch.sequence(row));
      work.rows().set(at + Rows.POSITION, batch.position(row));
      work.rows().set(at + Rows.KEEP_BLOCKS, batch.keepBlocks(row));
      work.rows().set(at + Rows.LOCAL_BLOCKS, batch.localBlocks(row));
    }
  }

  /**
   * An encode call's tokens.
   *
   * @throws IllegalArgumentException for a slot, position or count out of range
   */
  void chunk(int sequence, int position, int count) {
    if (count < 1 || count > layout.encodeTokens()) {
      throw new IllegalArgumentException(
          "encode takes 1 to %d tokens, not %d".formatted(layout.encodeTokens(), count));
    }
    checkTokens(sequence, position, count);
    work.chunk().set(Chunk.SEQUENCE, sequence);
    work.chunk().set(Chunk.POSITION, position);
    work.chunk().set(Chunk.COUNT, count);
    work.chunk().set(Chunk.LAST_ROWS, 1);
  }

  /** Refuses a slot that is not there and tokens that do not fit in it. */
  void checkTokens(int sequence, int position, int count) {
    if (sequence < 0 || sequence >= layout.sequences()) {
      throw new IllegalArgumentException(
          "sequence %d of %d".formatted(sequence, layout.sequences()));
    }
    if (position < 0 || position > layout.contextLength() - count) {
      throw new IllegalArgumentException(
          "%d tokens at position %d do not fit into a context of %d"
              .formatted(count, position, layout.contextLength()));
    }
  }
}
