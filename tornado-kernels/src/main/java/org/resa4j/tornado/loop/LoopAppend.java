package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Append: keys and values to the cache, and the descriptors of their blocks. */
final class LoopAppend {
  private LoopAppend() {}

  /** A step's tokens: one item for each row and KV head. */
  static void append(
      IntArray rows,
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
      int blockCapacity) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / kvHeads;
      int head = item - row * kvHeads;
      if (row < rows.get(Rows.COUNT)) {
        int at = Rows.HEADER + row * Rows.INTS;
        int slot = rows.get(at + Rows.SEQUENCE) * kvHeads + head;
        int position = rows.get(at + Rows.POSITION);
        int block = position / blockSize;
        int from = item * headDim;
        int to = (slot * blockCapacity * blockSize + position) * headDim;
        int descriptor = (slot * blockCapacity + block) * headDim;
        if (position == block * blockSize) {
          for (int j = 0; j < headDim; j++) {
            float k = newKey.get(from + j);
            key.set(to + j, k);
            value.set(to + j, newValue.get(from + j));
            blockMin.set(descriptor + j, k);
            blockMax.set(descriptor + j, k);
          }
        } else {
          for (int j = 0; j < headDim; j++) {
            float k = newKey.get(from + j);
            key.set(to + j, k);
            value.set(to + j, newValue.get(from + j));
            blockMin.set(descriptor + j, TornadoMath.min(blockMin.get(descriptor + j), k));
            blockMax.set(descriptor + j, TornadoMath.max(blockMax.get(descriptor + j), k));
          }
        }
      }
    }
  }

  /** An encode call's tokens: one item for each token and KV head. */
  static void encodeAppend(
      IntArray chunk,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray key,
      FloatArray value,
      int items,
      int kvHeads,
      int headDim,
      int contextPadded) {
    for (@Parallel int item = 0; item < items; item++) {
      int token = item / kvHeads;
      int head = item - token * kvHeads;
      if (token < chunk.get(Chunk.COUNT)) {
        int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + head;
        int from = item * headDim;
        int to = (slot * contextPadded + chunk.get(Chunk.POSITION) + token) * headDim;
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
      FloatArray key,
      FloatArray blockMin,
      FloatArray blockMax,
      int items,
      int kvHeads,
      int headDim,
      int blockSize,
      int blockCapacity) {
    for (@Parallel int item = 0; item < items; item++) {
      int touched = item / kvHeads;
      int head = item - touched * kvHeads;
      int end = chunk.get(Chunk.POSITION) + chunk.get(Chunk.COUNT);
      int block = chunk.get(Chunk.POSITION) / blockSize + touched;
      int first = block * blockSize;
      if (first < end) {
        int slot = chunk.get(Chunk.SEQUENCE) * kvHeads + head;
        int tokens = TornadoMath.min(blockSize, end - first);
        int from = (slot * blockCapacity * blockSize + first) * headDim;
        int descriptor = (slot * blockCapacity + block) * headDim;
        for (int j = 0; j < headDim; j++) {
          float min = key.get(from + j);
          float max = min;
          for (int t = 1; t < tokens; t++) {
            float k = key.get(from + t * headDim + j);
            min = TornadoMath.min(min, k);
            max = TornadoMath.max(max, k);
          }
          blockMin.set(descriptor + j, min);
          blockMax.set(descriptor + j, max);
        }
      }
    }
  }
}
