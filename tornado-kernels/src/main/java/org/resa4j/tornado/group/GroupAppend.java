package org.resa4j.tornado.group;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.Paging;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
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

  /**
   * A step's tokens: one work-group for each row and KV head. What stands behind a row's token is
   * forgotten, so its block is described anew.
   */
  static void appendFloat(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      FloatArray blockMin,
      FloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
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
      float min = key.get(first);
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float other = key.get(first + TornadoMath.min(t, last) * headDim);
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
      key.set(to, k);
      value.set(to, v);
      blockMin.set(described * headDim + item, min);
      blockMax.set(described * headDim + item, max);
    }
  }

  /** A chunk's tokens: one work-group for each token and KV head. */
  static void encodeAppendFloat(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens) {
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
      key.set(to, k);
      float v = newValue.get(from);
      value.set(to, v);
    }
  }

  /**
   * Descriptors of the blocks that a chunk touched: one work-group for each block and KV head. A
   * minimum or maximum that was too wide shrinks.
   */
  static void encodeDescribeFloat(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray key,
      FloatArray blockMin,
      FloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
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
      float min = key.get(from);
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float k = key.get(from + TornadoMath.min(t, last) * headDim);
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      blockMin.set(described * headDim + item, min);
      blockMax.set(described * headDim + item, max);
    }
  }

  /**
   * A step's tokens: one work-group for each row and KV head. What stands behind a row's token is
   * forgotten, so its block is described anew.
   */
  static void appendHalf(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      HalfFloatArray key,
      HalfFloatArray value,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
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
      float min = key.get(first).getFloat32();
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float other = key.get(first + TornadoMath.min(t, last) * headDim).getFloat32();
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
      key.set(to, new HalfFloat(k));
      value.set(to, new HalfFloat(v));
      blockMin.set(described * headDim + item, new HalfFloat(min));
      blockMax.set(described * headDim + item, new HalfFloat(max));
    }
  }

  /** A chunk's tokens: one work-group for each token and KV head. */
  static void encodeAppendHalf(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      HalfFloatArray key,
      HalfFloatArray value,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens) {
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
      key.set(to, new HalfFloat(k));
      float v = newValue.get(from);
      value.set(to, new HalfFloat(v));
    }
  }

  /**
   * Descriptors of the blocks that a chunk touched: one work-group for each block and KV head. A
   * minimum or maximum that was too wide shrinks.
   */
  static void encodeDescribeHalf(
      KernelContext context,
      IntArray chunk,
      IntArray tables,
      HalfFloatArray key,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
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
      float min = key.get(from).getFloat32();
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float k = key.get(from + TornadoMath.min(t, last) * headDim).getFloat32();
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      blockMin.set(described * headDim + item, new HalfFloat(min));
      blockMax.set(described * headDim + item, new HalfFloat(max));
    }
  }
}
