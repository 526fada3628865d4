package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.attention.AttentionBuffers.Rows;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.attention.EightBits;
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
 * Append to a cache in eight bits: keys and values are rounded, an item for each group of them,
 * then the blocks are described from the keys as they are kept.
 */
final class GroupEightAppend {
  private GroupEightAppend() {}

  /**
   * @param mode {@link AttendMode#CAUSAL} for a chunk's tokens, else a step's
   */
  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    Stage stage = mode == AttendMode.CAUSAL ? Stage.ENCODE_APPEND : Stage.APPEND;
    int items =
        AttendMode.rows(layout, mode) * shape.kvHeads() * (shape.headDim() / EightBits.GROUP);
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Eight"),
            GroupEightAppend::storeEight,
            graph.context(),
            AttendMode.header(buffers, mode),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.key().numbers(),
            cache.value().floats(),
            cache.value().numbers(),
            mode,
            shape.kvHeads(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.items(items));
    int blocks = mode == AttendMode.CAUSAL ? layout.encodeBlocks() : layout.sequences();
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "EightDescribe"),
            GroupEightAppend::describeEight,
            graph.context(),
            AttendMode.header(buffers, mode),
            work.tables(),
            cache.key().floats(),
            cache.key().numbers(),
            cache.blockMin().floats(),
            cache.blockMin().halfs(),
            cache.blockMax().floats(),
            cache.blockMax().halfs(),
            mode,
            shape.kvHeads(),
            shape.headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            cache.blockMin().format()),
        Grids.groups(blocks * shape.kvHeads(), shape.headDim()));
  }

  /** One item for each row, KV head and group of its key and of its value. */
  static void storeEight(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyScales,
      IntArray keyNumbers,
      FloatArray valueScales,
      IntArray valueNumbers,
      int mode,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens) {
    int groups = headDim / EightBits.GROUP;
    int rowHead = context.globalIdx / groups;
    int first = (context.globalIdx - rowHead * groups) * EightBits.GROUP;
    int row = rowHead / kvHeads;
    if (row < AttendMode.rowCount(rows, mode)) {
      int cached =
          Paging.row(
              tables,
              AttendMode.table(rows, row, mode),
              AttendMode.tokens(rows, row, mode) - 1,
              pageTokens,
              rowHead - row * kvHeads,
              cacheTokens);
      int from = rowHead * headDim + first;
      int to = cached * headDim + first;
      int one = TornadoMath.min(AttendMode.rowCount(rows, mode), 1);
      EightBits.write(newKey, from, keyScales, keyNumbers, to, one);
      EightBits.write(newValue, from, valueScales, valueNumbers, to, one);
    }
  }

  /**
   * Descriptors of the blocks that were written to, from their keys up to the sequence's last: one
   * work-group of d items for each block and KV head.
   */
  static void describeEight(
      KernelContext context,
      IntArray rows,
      IntArray tables,
      FloatArray keyScales,
      IntArray keyNumbers,
      FloatArray blockMinFloats,
      HalfFloatArray blockMinHalfs,
      FloatArray blockMaxFloats,
      HalfFloatArray blockMaxHalfs,
      int mode,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks,
      int boundFormat) {
    int item = context.localIdx;
    int touchedHead = context.groupIdx;
    int touched = touchedHead / kvHeads;
    int count = mode == AttendMode.CAUSAL ? rows.get(Chunk.BLOCKS) : rows.get(Rows.COUNT);
    if (touched < count) {
      int table = AttendMode.touchedTable(rows, touched, mode);
      int block = AttendMode.touchedBlock(rows, touched, mode, blockSize);
      int last = AttendMode.touchedEnd(rows, touched, mode) - 1 - block * blockSize;
      int head = touchedHead - touched * kvHeads;
      int described = Paging.row(tables, table, block, pageBlocks, head, cacheBlocks);
      int from = described * blockSize * headDim + item;
      float min = EightBits.get(keyScales, keyNumbers, from);
      float max = min;
      for (int t = 1; t < blockSize; t++) {
        float k = EightBits.get(keyScales, keyNumbers, from + TornadoMath.min(t, last) * headDim);
        min = TornadoMath.min(min, k);
        max = TornadoMath.max(max, k);
      }
      if (boundFormat == Reals.FLOAT) {
        min = EightBits.half(min);
        max = EightBits.half(max);
      }
      int to = described * headDim + item;
      Reals.set(blockMinFloats, blockMinHalfs, boundFormat, to, min);
      Reals.set(blockMaxFloats, blockMaxHalfs, boundFormat, to, max);
    }
  }
}
