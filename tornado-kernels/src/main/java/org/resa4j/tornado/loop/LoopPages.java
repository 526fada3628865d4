package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.EightBits;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Pages: the block tables that find them, and copies. */
final class LoopPages {
  private LoopPages() {}

  static void launchTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    LoopReceive.launch(graph, "Tables", sent, buffers.work().tables());
  }

  static void launchCopy(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Cache cache = buffers.cache();
    int items = (layout.pageTokens() + layout.pageBlocks()) * layout.shape().kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.COPY_PAGE),
            LoopPages::copyPage,
            buffers.work().chunk(),
            cache.key().floats(),
            cache.key().numbers(),
            cache.value().floats(),
            cache.value().numbers(),
            cache.blockMin().floats(),
            cache.blockMax().floats(),
            items,
            layout.shape().kvHeads(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            cache.key().format()),
        Grids.coarse(items));
  }

  /**
   * A page's K, V and descriptors to another: one item for each token of the page and KV head, then
   * one for each block and KV head.
   */
  static void copyPage(
      IntArray chunk,
      FloatArray keyFloats,
      IntArray keyNumbers,
      FloatArray valueFloats,
      IntArray valueNumbers,
      FloatArray blockMin,
      FloatArray blockMax,
      int items,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks,
      int format) {
    for (@Parallel int item = 0; item < items; item++) {
      int from = chunk.get(Chunk.COPY_FROM);
      int to = chunk.get(Chunk.COPY_TO);
      int n = item / kvHeads;
      int head = item - n * kvHeads;
      int pageTokens = pageBlocks * blockSize;
      if (from != to) {
        if (n < pageTokens) {
          int first = head * cacheBlocks * blockSize + n;
          int source = (first + from * pageTokens) * headDim;
          int target = (first + to * pageTokens) * headDim;
          for (int j = 0; j < headDim; j++) {
            if (format == CachedRows.EIGHT) {
              EightBits.copy(keyFloats, keyNumbers, source + j, target + j);
              EightBits.copy(valueFloats, valueNumbers, source + j, target + j);
            } else {
              keyFloats.set(target + j, keyFloats.get(source + j));
              valueFloats.set(target + j, valueFloats.get(source + j));
            }
          }
        } else {
          int first = head * cacheBlocks + n - pageTokens;
          int source = (first + from * pageBlocks) * headDim;
          int target = (first + to * pageBlocks) * headDim;
          for (int j = 0; j < headDim; j++) {
            blockMin.set(target + j, blockMin.get(source + j));
            blockMax.set(target + j, blockMax.get(source + j));
          }
        }
      }
    }
  }
}
