package org.resa4j.tornado;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.EncodeBatch;
import org.resa4j.engine.StepBatch;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Writes what a call asks for into the arrays that are sent. */
final class RowsWriter {
  private final IntArray rows;
  private final IntArray chunk;
  private final DeviceTables tables;
  private final int blockSize;
  private final int group;
  private final int tileRows;

  RowsWriter(IntArray rows, IntArray chunk, DeviceTables tables, AttentionLayout layout) {
    this.rows = rows;
    this.chunk = chunk;
    this.tables = tables;
    blockSize = layout.blockSize();
    group = layout.shape().group();
    tileRows = layout.encodeTileRows();
  }

  /** A step's rows. */
  void rows(StepBatch batch) {
    tables.begin();
    for (int row = 0; row < batch.rows(); row++) {
      tables.keep(batch.table(row));
    }
    rows.set(Rows.COUNT, batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      int at = Rows.HEADER + row * Rows.INTS;
      rows.set(at + Rows.TABLE, tables.offset(batch.table(row)));
      rows.set(at + Rows.POSITION, batch.position(row));
      rows.set(at + Rows.KEEP_BLOCKS, batch.keepBlocks(row));
      rows.set(at + Rows.LOCAL_BLOCKS, batch.localBlocks(row));
    }
  }

  /** An encode call's tokens and rows of logits. */
  void chunk(EncodeBatch batch) {
    noChunk();
    tables.begin();
    for (int i = 0; i < batch.size(); i++) {
      tables.keep(batch.table(i));
    }
    for (int i = 0; i < batch.size(); i++) {
      add(batch.table(i), batch.position(i), batch.count(i), batch.logitRows(i));
    }
  }

  /** Tokens of one sequence, no logits. */
  void chunk(BlockTable table, int position, int count) {
    noChunk();
    tables.begin();
    add(table, position, count, 0);
  }

  /** The same for a call that tells how far the tokens' cached K and V were from the new ones. */
  void measuredChunk(BlockTable table, int position, int count) {
    chunk(table, position, count);
    chunk.set(Chunk.MEASURE, 1);
  }

  /** An encode call with nothing to do. */
  void noChunk() {
    for (int i = 0; i < Chunk.HEADER; i++) {
      chunk.set(i, 0);
    }
  }

  /** Pages to copy, and no tokens. */
  void copy(int from, int to) {
    noChunk();
    chunk.set(Chunk.COPY_FROM, from);
    chunk.set(Chunk.COPY_TO, to);
  }

  private void add(BlockTable table, int position, int count, int logits) {
    int offset = tables.offset(table);
    int first = chunk.get(Chunk.COUNT);
    for (int i = 0; i < count; i++) {
      entry(first + i, Chunk.TABLE, offset);
      entry(first + i, Chunk.POSITION, position + i);
    }
    chunk.set(Chunk.COUNT, first + count);

    int tile = chunk.get(Chunk.TILES);
    int end = (first + count) * group;
    for (int row = first * group; row < end; row += tileRows) {
      entry(tile, Chunk.TILE_FIRST, row);
      entry(tile, Chunk.TILE_ROWS, Math.min(tileRows, end - row));
      tile++;
    }
    chunk.set(Chunk.TILES, tile);

    int touched = chunk.get(Chunk.BLOCKS);
    for (int block = position / blockSize; block <= (position + count - 1) / blockSize; block++) {
      entry(touched, Chunk.BLOCK_TABLE, offset);
      entry(touched, Chunk.BLOCK, block);
      entry(touched, Chunk.BLOCK_END, position + count);
      touched++;
    }
    chunk.set(Chunk.BLOCKS, touched);

    int logit = chunk.get(Chunk.LOGITS);
    for (int token = first + count - logits; token < first + count; token++) {
      entry(logit++, Chunk.LOGIT_TOKEN, token);
    }
    chunk.set(Chunk.LOGITS, logit);
  }

  private void entry(int index, int field, int value) {
    chunk.set(Chunk.HEADER + index * Chunk.INTS + field, value);
  }
}
