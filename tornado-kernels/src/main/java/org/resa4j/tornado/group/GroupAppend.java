package org.resa4j.tornado.group;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Append: keys and values to the cache, and the descriptors of their blocks. Work-groups of d
 * items, one for each dimension.
 */
final class GroupAppend {
  private GroupAppend() {}

  /** A step's tokens: one work-group for each row and KV head. */
  static void appendFloat(
      KernelContext context,
      IntArray rows,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      FloatArray blockMin,
      FloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int blockCapacity) {
    int item = context.localIdx;
    int rowHead = context.groupIdx;
    int row = rowHead / kvHeads;
    int at = Rows.HEADER + row * Rows.INTS;
    if (row < rows.get(Rows.COUNT)) {
      int slot = rows.get(at + Rows.SEQUENCE) * kvHeads + rowHead - row * kvHeads;
      int position = rows.get(at + Rows.POSITION);
      int block = position / blockSize;
      int to = (slot * blockCapacity * blockSize + position) * headDim + item;
      int descriptor = (slot * blockCapacity + block) * headDim + item;
      int from = rowHead * headDim + item;
      float k = newKey.get(from);
      key.set(to, k);
      value.set(to, newValue.get(from));
      float min = k;
      float max = min;
      if (position > block * blockSize) {
        min = TornadoMath.min(min, blockMin.get(descriptor));
        max = TornadoMath.max(max, blockMax.get(descriptor));
      }
      blockMin.set(descriptor, min);
      blockMax.set(descriptor, max);
    }
  }

  /** A chunk's tokens: one work-group for each token and KV head. */
  static void encodeAppendFloat(
      KernelContext context,
      IntArray chunk,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      int kvHeads,
      int headDim,
      int contextPadded) {
    int item = context.localIdx;
    int tokenHead = context.groupIdx;
    int token = tokenHead / kvHeads;
    if (token < chunk.get(Chunk.COUNT)) {
      int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + tokenHead - token * kvHeads;
      int from = tokenHead * headDim + item;
      int to = (slot * contextPadded + chunk.get(Chunk.POSITION) + token) * headDim + item;
      float k = newKey.get(from);
      key.set(to, k);
      value.set(to, newValue.get(from));
    }
  }

  /**
   * Descriptors of the blocks that a chunk touched: one work-group for each block and KV head. A
   * minimum or maximum that was too wide shrinks.
   */
  static void encodeDescribeFloat(
      KernelContext context,
      IntArray chunk,
      FloatArray key,
      FloatArray blockMin,
      FloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int blockCapacity) {
    int item = context.localIdx;
    int touchedHead = context.groupIdx;
    int touched = touchedHead / kvHeads;
    int end = chunk.get(Chunk.POSITION) + chunk.get(Chunk.COUNT);
    int block = chunk.get(Chunk.POSITION) / blockSize + touched;
    int first = block * blockSize;
    if (first < end) {
      int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + touchedHead - touched * kvHeads;
      int tokens = TornadoMath.min(blockSize, end - first);
      int from = (slot * blockCapacity * blockSize + first) * headDim + item;
      int descriptor = (slot * blockCapacity + block) * headDim + item;
      float min = key.get(from);
      float max = min;
      for (int t = 1; t < tokens; t++) {
        float k = key.get(from + t * headDim);
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      blockMin.set(descriptor, min);
      blockMax.set(descriptor, max);
    }
  }

  /** A step's tokens: one work-group for each row and KV head. */
  static void appendHalf(
      KernelContext context,
      IntArray rows,
      FloatArray newKey,
      FloatArray newValue,
      HalfFloatArray key,
      HalfFloatArray value,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int blockCapacity) {
    int item = context.localIdx;
    int rowHead = context.groupIdx;
    int row = rowHead / kvHeads;
    int at = Rows.HEADER + row * Rows.INTS;
    if (row < rows.get(Rows.COUNT)) {
      int slot = rows.get(at + Rows.SEQUENCE) * kvHeads + rowHead - row * kvHeads;
      int position = rows.get(at + Rows.POSITION);
      int block = position / blockSize;
      int to = (slot * blockCapacity * blockSize + position) * headDim + item;
      int descriptor = (slot * blockCapacity + block) * headDim + item;
      int from = rowHead * headDim + item;
      float k = newKey.get(from);
      key.set(to, new HalfFloat(k));
      float v = newValue.get(from);
      value.set(to, new HalfFloat(v));
      float min = k;
      float max = min;
      if (position > block * blockSize) {
        min = TornadoMath.min(min, blockMin.get(descriptor).getFloat32());
        max = TornadoMath.max(max, blockMax.get(descriptor).getFloat32());
      }
      blockMin.set(descriptor, new HalfFloat(min));
      blockMax.set(descriptor, new HalfFloat(max));
    }
  }

  /** A chunk's tokens: one work-group for each token and KV head. */
  static void encodeAppendHalf(
      KernelContext context,
      IntArray chunk,
      FloatArray newKey,
      FloatArray newValue,
      HalfFloatArray key,
      HalfFloatArray value,
      int kvHeads,
      int headDim,
      int contextPadded) {
    int item = context.localIdx;
    int tokenHead = context.groupIdx;
    int token = tokenHead / kvHeads;
    if (token < chunk.get(Chunk.COUNT)) {
      int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + tokenHead - token * kvHeads;
      int from = tokenHead * headDim + item;
      int to = (slot * contextPadded + chunk.get(Chunk.POSITION) + token) * headDim + item;
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
      HalfFloatArray key,
      HalfFloatArray blockMin,
      HalfFloatArray blockMax,
      int kvHeads,
      int headDim,
      int blockSize,
      int blockCapacity) {
    int item = context.localIdx;
    int touchedHead = context.groupIdx;
    int touched = touchedHead / kvHeads;
    int end = chunk.get(Chunk.POSITION) + chunk.get(Chunk.COUNT);
    int block = chunk.get(Chunk.POSITION) / blockSize + touched;
    int first = block * blockSize;
    if (first < end) {
      int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + touchedHead - touched * kvHeads;
      int tokens = TornadoMath.min(blockSize, end - first);
      int from = (slot * blockCapacity * blockSize + first) * headDim + item;
      int descriptor = (slot * blockCapacity + block) * headDim + item;
      float min = key.get(from).getFloat32();
      float max = min;
      for (int t = 1; t < tokens; t++) {
        float k = key.get(from + t * headDim).getFloat32();
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      blockMin.set(descriptor, new HalfFloat(min));
      blockMax.set(descriptor, new HalfFloat(max));
    }
  }
}
