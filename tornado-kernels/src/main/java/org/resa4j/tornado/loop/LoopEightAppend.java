package org.resa4j.tornado.loop;

import org.resa4j.attention.AttentionShape;
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
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Append to a cache in eight bits: keys and values are rounded, then the blocks are described from
 * the keys as they are kept.
 */
final class LoopEightAppend {
  private LoopEightAppend() {}

  /**
   * @param mode {@link AttendMode#CAUSAL} for an encode call's tokens, else a step's
   */
  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Cache cache = buffers.cache();
    AttentionBuffers.Workspace work = buffers.work();
    Stage stage = mode == AttendMode.CAUSAL ? Stage.ENCODE_APPEND : Stage.APPEND;
    int items = AttendMode.rows(layout, mode) * shape.kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Eight"),
            LoopEightAppend::storeEight,
            AttendMode.header(buffers, mode),
            work.tables(),
            work.newKey(),
            work.newValue(),
            cache.key().floats(),
            cache.key().numbers(),
            cache.value().floats(),
            cache.value().numbers(),
            mode,
            items,
            shape.kvHeads(),
            shape.headDim(),
            layout.pageTokens(),
            layout.cacheTokens()),
        Grids.coarse(items));
    int blocks = mode == AttendMode.CAUSAL ? layout.encodeBlocks() : layout.sequences();
    int descriptors = blocks * shape.kvHeads();
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "EightDescribe"),
            LoopEightAppend::describeEight,
            AttendMode.header(buffers, mode),
            work.tables(),
            cache.key().floats(),
            cache.key().numbers(),
            cache.blockMin().floats(),
            cache.blockMax().floats(),
            mode,
            descriptors,
            shape.kvHeads(),
            shape.headDim(),
            layout.blockSize(),
            layout.pageBlocks(),
            layout.cacheBlocks()),
        Grids.coarse(descriptors));
  }

  /** One item for each row and KV head. */
  static void storeEight(
      IntArray rows,
      IntArray tables,
      FloatArray newKey,
      FloatArray newValue,
      FloatArray keyScales,
      IntArray keyNumbers,
      FloatArray valueScales,
      IntArray valueNumbers,
      int mode,
      int items,
      int kvHeads,
      int headDim,
      int pageTokens,
      int cacheTokens) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / kvHeads;
      if (row < AttendMode.rowCount(rows, mode)) {
        int cached =
            Paging.row(
                tables,
                AttendMode.table(rows, row, mode),
                AttendMode.tokens(rows, row, mode) - 1,
                pageTokens,
                item - row * kvHeads,
                cacheTokens);
        int one = TornadoMath.min(AttendMode.rowCount(rows, mode), 1);
        for (int first = 0; first < headDim; first += EightBits.GROUP) {
          int from = item * headDim + first;
          int to = cached * headDim + first;
          EightBits.write(newKey, from, keyScales, keyNumbers, to, one);
          EightBits.write(newValue, from, valueScales, valueNumbers, to, one);
        }
      }
    }
  }

  /**
   * Descriptors of the blocks that were written to, from their keys up to the sequence's last: one
   * item for each block and KV head.
   */
  static void describeEight(
      IntArray rows,
      IntArray tables,
      FloatArray keyScales,
      IntArray keyNumbers,
      FloatArray blockMin,
      FloatArray blockMax,
      int mode,
      int items,
      int kvHeads,
      int headDim,
      int blockSize,
      int pageBlocks,
      int cacheBlocks) {
    for (@Parallel int item = 0; item < items; item++) {
      int touched = item / kvHeads;
      int head = item - touched * kvHeads;
      int count = mode == AttendMode.CAUSAL ? rows.get(Chunk.BLOCKS) : rows.get(Rows.COUNT);
      if (touched < count) {
        int table = AttendMode.touchedTable(rows, touched, mode);
        int block = AttendMode.touchedBlock(rows, touched, mode, blockSize);
        int tokens =
            TornadoMath.min(
                blockSize, AttendMode.touchedEnd(rows, touched, mode) - block * blockSize);
        int described = Paging.row(tables, table, block, pageBlocks, head, cacheBlocks);
        int from = described * blockSize * headDim;
        for (int j = 0; j < headDim; j++) {
          float min = EightBits.get(keyScales, keyNumbers, from + j);
          float max = min;
          for (int t = 1; t < tokens; t++) {
            float k = EightBits.get(keyScales, keyNumbers, from + t * headDim + j);
            min = TornadoMath.min(min, k);
            max = TornadoMath.max(max, k);
          }
          blockMin.set(described * headDim + j, EightBits.half(min));
          blockMax.set(described * headDim + j, EightBits.half(max));
        }
      }
    }
  }
}
