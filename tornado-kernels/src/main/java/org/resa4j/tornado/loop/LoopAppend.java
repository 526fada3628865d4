package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.Paging;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Append: keys and values to the cache, and the descriptors of their blocks. */
final class LoopAppend {
  private LoopAppend() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.sequences() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.APPEND),
            LoopAppend::append,
            work.rows(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.value().floats(),
            cache.blockMin().floats(),
            cache.blockMax().floats(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        Grids.coarse(items));
  }

  static void launchOfChunk(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    int items = layout.encodeTokens() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_APPEND),
            LoopAppend::encodeAppend,
            work.chunk(),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.value().floats(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.coarse(items));
    int descriptors = layout.encodeBlocks() * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ENCODE_APPEND, "Describe"),
            LoopAppend::encodeDescribe,
            work.chunk(),
            work.tables(),
            cache.key().floats(),
            cache.blockMin().floats(),
            cache.blockMax().floats(),
            descriptors,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        Grids.coarse(descriptors));
  }

  /**
   * A step's tokens: one item for each row and KV head. What stands behind a row's token is
   * forgotten, so its block is described anew.
   */
  static void append(
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      FloatArray blockMin,
      FloatArray blockMax,
      int items,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / kvHeads;
      int head = item - row * kvHeads;
      if (row < rows.get(Rows.COUNT)) {
        int at = Rows.HEADER + row * Rows.INTS;
        int position = rows.get(at + Rows.POSITION);
        int block = position / blockSize;
        int before = position - block * blockSize;
        int described =
            Paging.row(tables, rows.get(at + Rows.TABLE), block, pageBlocks, head, cacheBlocks);
        int from = item * headDim;
        int first = described * blockSize * headDim;
        int to = first + before * headDim;
        for (int j = 0; j < headDim; j++) {
          float k = newKey.get(from + j);
          key.set(to + j, k);
          value.set(to + j, newValue.get(from + j));
          float min = k;
          float max = k;
          for (int t = 0; t < before; t++) {
            float other = key.get(first + t * headDim + j);
            min = TornadoMath.min(min, other);
            max = TornadoMath.max(max, other);
          }
          blockMin.set(described * headDim + j, min);
          blockMax.set(described * headDim + j, max);
        }
      }
    }
  }

  /** An encode call's tokens: one item for each token and KV head. */
  static void encodeAppend(
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      int items,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens) {
    for (@Parallel int item = 0; item < items; item++) {
      int token = item / kvHeads;
      int head = item - token * kvHeads;
      if (token < chunk.get(Chunk.COUNT)) {
        int at = Chunk.HEADER + token * Chunk.INTS;
        int cached =
            Paging.row(
                tables,
                chunk.get(at + Chunk.TABLE),
                chunk.get(at + Chunk.POSITION),
                pageTokens,
                head,
                cacheTokens);
        int from = item * headDim;
        int to = cached * headDim;
        for (int j = 0; j < headDim; j++) {
          key.set(to + j, newKey.get(from + j));
          value.set(to + j, newValue.get(from + j));
        }
      }
    }
  }

  /**
   * Descriptors of the blocks that an encode call touched: one item for each block and KV head. A
   * minimum or maximum that was too wide shrinks.
   */
  static void encodeDescribe(
      IntArray chunk,
      IntArray tables,
      FloatArray key,
      FloatArray blockMin,
      FloatArray blockMax,
      int items,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
    for (@Parallel int item = 0; item < items; item++) {
      int touched = item / kvHeads;
      int head = item - touched * kvHeads;
      if (touched < chunk.get(Chunk.BLOCKS)) {
        int at = Chunk.HEADER + touched * Chunk.INTS;
        int block = chunk.get(at + Chunk.BLOCK);
        int described =
            Paging.row(
                tables, chunk.get(at + Chunk.BLOCK_TABLE), block, pageBlocks, head, cacheBlocks);
        int tokens =
            TornadoMath.min(blockSize, chunk.get(at + Chunk.BLOCK_END) - block * blockSize);
        int from = described * blockSize * headDim;
        for (int j = 0; j < headDim; j++) {
          float min = key.get(from + j);
          float max = min;
          for (int t = 1; t < tokens; t++) {
            float k = key.get(from + t * headDim + j);
            min = TornadoMath.min(min, k);
            max = TornadoMath.max(max, k);
          }
          blockMin.set(described * headDim + j, min);
          blockMax.set(described * headDim + j, max);
        }
      }
    }
  }
}
