package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Append: keys and values to the cache, and the descriptors of their blocks. Work-groups of d
 * items, one for each dimension.
 *
 * <p>A block's keys are read in a loop of b rounds whatever there is of it, its last token again
 * where there is less: so the loads do not wait for each other.
 */
final class GroupAppend {
  private GroupAppend() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.APPEND),
            GroupAppend::append,
            graph.context(),
            work.rows(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.key().halfs(),
            cache.value().floats(),
            cache.value().halfs(),
            cache.blockMin().floats(),
            cache.blockMin().halfs(),
            cache.blockMax().floats(),
            cache.blockMax().halfs(),
            shape.kvHeads(),
            shape.headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            cache.key().format()),
        Grids.groups(layout.sequences() * shape.kvHeads(), shape.headDim()));
  }

  static void launchOfChunk(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_APPEND),
            GroupAppend::encodeAppend,
            graph.context(),
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.key().halfs(),
            cache.value().floats(),
            cache.value().halfs(),
            shape.kvHeads(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens(),
            cache.key().format()),
        Grids.groups(layout.encodeTokens() * shape.kvHeads(), shape.headDim()));
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_APPEND, "Describe"),
            GroupAppend::encodeDescribe,
            graph.context(),
            work.chunk(),
            work.tables(),
            cache.key().floats(),
            cache.key().halfs(),
            cache.blockMin().floats(),
            cache.blockMin().halfs(),
            cache.blockMax().floats(),
            cache.blockMax().halfs(),
            shape.kvHeads(),
            shape.headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            cache.key().format()),
        Grids.groups(layout.encodeBlocks() * shape.kvHeads(), shape.headDim()));
  }

  /**
   * A step's tokens: one work-group for each row and KV head. What stands behind a row's token is
   * forgotten, so its block is described anew.
   */
  static void append(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      FloatArray blockMinFloats,
      HalfFloatArray blockMinHalfs,
      FloatArray blockMaxFloats,
      HalfFloatArray blockMaxHalfs,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks,
      int format) {
    int item = context.localIdx;
    int rowHead = context.groupIdx;
    int row = rowHead / kvHeads;
    int at = Rows.HEADER + row * Rows.INTS;
    if (row < rows.get(Rows.COUNT)) {
      int head = rowHead - row * kvHeads;
      int position = rows.get(at + Rows.POSITION);
      int block = position / blockSize;
      int before = position - block * blockSize;
      int described =
          Paging.row(tables, rows.get(at + Rows.TABLE), block, pageBlocks, head, cacheBlocks);
      int first = described * blockSize * headDim + item;
      int to = first + before * headDim;
      int from = rowHead * headDim + item;
      // Of the tokens before this one; where there is none, of what is about to be overwritten.
      int last = TornadoMath.max(before - 1, 0);
      float min = Reals.get(keyFloats, keyHalfs, format, first);
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float other =
            Reals.get(keyFloats, keyHalfs, format, first + TornadoMath.min(t, last) * headDim);
        min = TornadoMath.min(min, other);
        max = TornadoMath.max(max, other);
      }
      float k = newKey.get(from);
      float v = newValue.get(from);
      if (before > 0) {
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      } else {
        min = k;
        max = k;
      }
      Reals.set(keyFloats, keyHalfs, format, to, k);
      Reals.set(valueFloats, valueHalfs, format, to, v);
      Reals.set(blockMinFloats, blockMinHalfs, format, described * headDim + item, min);
      Reals.set(blockMaxFloats, blockMaxHalfs, format, described * headDim + item, max);
    }
  }

  /** A chunk's tokens: one work-group for each token and KV head. */
  static void encodeAppend(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens,
      int format) {
    int item = context.localIdx;
    int tokenHead = context.groupIdx;
    int token = tokenHead / kvHeads;
    if (token < chunk.get(Chunk.COUNT)) {
      int at = Chunk.HEADER + token * Chunk.INTS;
      int cached =
          Paging.row(
              tables,
              chunk.get(at + Chunk.TABLE),
              chunk.get(at + Chunk.POSITION),
              pageTokens,
              tokenHead - token * kvHeads,
              cacheTokens);
      int from = tokenHead * headDim + item;
      int to = cached * headDim + item;
      float k = newKey.get(from);
      Reals.set(keyFloats, keyHalfs, format, to, k);
      float v = newValue.get(from);
      Reals.set(valueFloats, valueHalfs, format, to, v);
    }
  }

  /**
   * Descriptors of the blocks that a chunk touched: one work-group for each block and KV head. A
   * minimum or maximum that was too wide shrinks.
   */
  static void encodeDescribe(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      FloatArray blockMinFloats,
      HalfFloatArray blockMinHalfs,
      FloatArray blockMaxFloats,
      HalfFloatArray blockMaxHalfs,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks,
      int format) {
    int item = context.localIdx;
    int touchedHead = context.groupIdx;
    int touched = touchedHead / kvHeads;
    if (touched < chunk.get(Chunk.BLOCKS)) {
      int at = Chunk.HEADER + touched * Chunk.INTS;
      int head = touchedHead - touched * kvHeads;
      int block = chunk.get(at + Chunk.BLOCK);
      int described =
          Paging.row(
              tables, chunk.get(at + Chunk.BLOCK_TABLE), block, pageBlocks, head, cacheBlocks);
      int last = chunk.get(at + Chunk.BLOCK_END) - 1 - block * blockSize;
      int from = described * blockSize * headDim + item;
      float min = Reals.get(keyFloats, keyHalfs, format, from);
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float k = Reals.get(keyFloats, keyHalfs, format, from + TornadoMath.min(t, last) * headDim);
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      Reals.set(blockMinFloats, blockMinHalfs, format, described * headDim + item, min);
      Reals.set(blockMaxFloats, blockMaxHalfs, format, described * headDim + item, max);
    }
  }
}
