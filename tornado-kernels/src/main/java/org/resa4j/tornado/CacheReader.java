package org.resa4j.tornado;

import org.resa4j.engine.BlockTable;
import org.resa4j.engine.CacheSnapshot;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;

/** Copies one layer's cache of one sequence to the host, widened to fp32. */
final class CacheReader {
  private final DeviceProgram program;
  private final AttentionLayout layout;
  private final BlockTable table;

  /** An array's numbers. */
  @FunctionalInterface
  private interface IntToFloat {
    float at(int index);
  }

  private CacheReader(DeviceProgram program, AttentionLayout layout, BlockTable table) {
    this.program = program;
    this.layout = layout;
    this.table = table;
  }

  static CacheSnapshot read(
      DeviceProgram program, AttentionBuffers buffers, BlockTable table, int tokens) {
    AttentionLayout layout = buffers.layout();
    CacheReader reader = new CacheReader(program, layout, table);
    int blocks = Math.ceilDiv(tokens, layout.blockSize());
    AttentionBuffers.Cache cache = buffers.cache();
    return new CacheSnapshot(
        reader.tokens(cache.key(), tokens),
        reader.tokens(cache.value(), tokens),
        reader.blocks(cache.blockMin(), blocks),
        reader.blocks(cache.blockMax(), blocks));
  }

  private float[] tokens(CachedRows rows, int count) {
    rows.arrays().forEach(program::fetch);
    return read(rows::get, count, layout.pageTokens(), layout.cacheTokens());
  }

  private float[] blocks(Reals bounds, int count) {
    program.fetch(bounds.array());
    return read(bounds::get, count, layout.pageBlocks(), layout.cacheBlocks());
  }

  private float[] read(IntToFloat values, int count, int perPage, int perHead) {
    int headDim = layout.shape().headDim();
    float[] read = new float[Math.multiplyExact(layout.shape().kvHeads() * headDim, count)];
    int to = 0;
    for (int head = 0; head < layout.shape().kvHeads(); head++) {
      for (int i = 0; i < count; i++) {
        long row = (long) head * perHead + (long) table.page(i / perPage) * perPage + i % perPage;
        for (int j = 0; j < headDim; j++) {
          read[to++] = values.at(Math.toIntExact(row * headDim + j));
        }
      }
    }
    return read;
  }
}
