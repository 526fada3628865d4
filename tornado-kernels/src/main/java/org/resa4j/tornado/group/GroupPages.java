package org.resa4j.tornado.group;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Pages: the block tables that find them, and copies. */
final class GroupPages {
  /** Work-items of a work-group that receives tables. */
  static final int ITEMS = 128;

  private GroupPages() {}

  /** One item for each entry. */
  static void receiveTables(KernelContext context, IntArray sent, IntArray tables, int items) {
    int i = context.globalIdx;
    if (i < items) {
      tables.set(i, sent.get(i));
    }
  }

  /**
   * A page's K, V and descriptors to another: one work-group of d items for each token of the page
   * and KV head, then one for each block and KV head.
   */
  static void copyPageFloat(
      KernelContext context,
      IntArray chunk,
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
    int from = chunk.get(Chunk.COPY_FROM);
    int to = chunk.get(Chunk.COPY_TO);
    int n = context.groupIdx / kvHeads;
    int head = context.groupIdx - n * kvHeads;
    int pageTokens = pageBlocks * blockSize;
    if (from != to) {
      if (n < pageTokens) {
        int first = head * cacheBlocks * blockSize + n;
        int source = (first + from * pageTokens) * headDim + item;
        int target = (first + to * pageTokens) * headDim + item;
        key.set(target, key.get(source));
        value.set(target, value.get(source));
      } else {
        int first = head * cacheBlocks + n - pageTokens;
        int source = (first + from * pageBlocks) * headDim + item;
        int target = (first + to * pageBlocks) * headDim + item;
        blockMin.set(target, blockMin.get(source));
        blockMax.set(target, blockMax.get(source));
      }
    }
  }

  /**
   * A page's K, V and descriptors to another: one work-group of d items for each token of the page
   * and KV head, then one for each block and KV head.
   */
  static void copyPageHalf(
      KernelContext context,
      IntArray chunk,
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
    int from = chunk.get(Chunk.COPY_FROM);
    int to = chunk.get(Chunk.COPY_TO);
    int n = context.groupIdx / kvHeads;
    int head = context.groupIdx - n * kvHeads;
    int pageTokens = pageBlocks * blockSize;
    if (from != to) {
      if (n < pageTokens) {
        int first = head * cacheBlocks * blockSize + n;
        int source = (first + from * pageTokens) * headDim + item;
        int target = (first + to * pageTokens) * headDim + item;
        key.set(target, key.get(source));
        value.set(target, value.get(source));
      } else {
        int first = head * cacheBlocks + n - pageTokens;
        int source = (first + from * pageBlocks) * headDim + item;
        int target = (first + to * pageBlocks) * headDim + item;
        blockMin.set(target, blockMin.get(source));
        blockMax.set(target, blockMax.get(source));
      }
    }
  }
}
