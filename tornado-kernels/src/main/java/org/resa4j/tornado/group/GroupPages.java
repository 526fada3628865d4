package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.CachedRows;
import org.resa4j.tornado.attention.EightBits;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Pages: the block tables that find them, and copies. */
final class GroupPages {
  private GroupPages() {}

  static void launchTables(KernelGraph graph, IntArray sent, AttentionBuffers buffers) {
    GroupReceive.launch(graph, "Tables", sent, buffers.work().tables());
  }

  static void launchCopy(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.COPY_PAGE),
            GroupPages::copyPage,
            graph.context(),
            work.chunk(),
            cache.key().floats(),
            cache.key().halfs(),
            cache.key().numbers(),
            cache.value().floats(),
            cache.value().halfs(),
            cache.value().numbers(),
            cache.blockMin().floats(),
            cache.blockMin().halfs(),
            cache.blockMax().floats(),
            cache.blockMax().halfs(),
            shape.kvHeads(),
            shape.headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            cache.key().format() + CachedRows.FORMATS * cache.blockMin().format()),
        Grids.groups(
            (layout.pageTokens() + layout.pageBlocks()) * shape.kvHeads(), shape.headDim()));
  }

  /**
   * A page's K, V and descriptors to another: one work-group of d items for each token of the page
   * and KV head, then one for each block and KV head.
   *
   * @param formats that of K and V, plus {@link CachedRows#FORMATS} times that of the descriptors
   */
  static void copyPage(
      KernelContext context,
      IntArray chunk,
      FloatArray keyFloats,
      HalfFloatArray keyHalfs,
      IntArray keyNumbers,
      FloatArray valueFloats,
      HalfFloatArray valueHalfs,
      IntArray valueNumbers,
      FloatArray blockMinFloats,
      HalfFloatArray blockMinHalfs,
      FloatArray blockMaxFloats,
      HalfFloatArray blockMaxHalfs,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks,
      int formats) {
    int format = formats % CachedRows.FORMATS;
    int boundFormat = formats / CachedRows.FORMATS;
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
        if (format == CachedRows.EIGHT) {
          EightBits.copy(keyFloats, keyNumbers, source, target);
          EightBits.copy(valueFloats, valueNumbers, source, target);
        } else {
          Reals.set(
              keyFloats, keyHalfs, format, target, Reals.get(keyFloats, keyHalfs, format, source));
          Reals.set(
              valueFloats,
              valueHalfs,
              format,
              target,
              Reals.get(valueFloats, valueHalfs, format, source));
        }
      } else {
        int first = head * cacheBlocks + n - pageTokens;
        int source = (first + from * pageBlocks) * headDim + item;
        int target = (first + to * pageBlocks) * headDim + item;
        Reals.set(
            blockMinFloats,
            blockMinHalfs,
            boundFormat,
            target,
            Reals.get(blockMinFloats, blockMinHalfs, boundFormat, source));
        Reals.set(
            blockMaxFloats,
            blockMaxHalfs,
            boundFormat,
            target,
            Reals.get(blockMaxFloats, blockMaxHalfs, boundFormat, source));
      }
    }
  }
}
