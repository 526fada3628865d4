package org.resa4j.tornado.loop;

import org.resa4j.tornado.attention.AttentionBuffers;
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

/** Estimate: score_i = sum_j max(q̄_j kmax_ij, q̄_j kmin_ij). */
final class LoopEstimate {
  /** Blocks that one item scores. */
  static final int BLOCKS = 64;

  /** Largest head dimension: the size of private arrays must be known to the compiler. */
  static final int MAX_HEAD_DIM = 256;

  private LoopEstimate() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers) {
    AttentionLayout layout = buffers.layout();
    AttentionBuffers.Workspace work = buffers.work();
    int runs = Math.ceilDiv(layout.blockCapacity(), LoopEstimate.BLOCKS);
    int items = layout.sequences() * layout.shape().kvHeads() * runs;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.ESTIMATE),
            LoopEstimate::estimate,
            work.rows(),
            work.tables(),
            work.query(),
            buffers.cache().blockMin().floats(),
            buffers.cache().blockMax().floats(),
            work.scores(),
            items,
            layout.shape().kvHeads(),
            layout.shape().group(),
            layout.shape().headDim(),
            layout.blockSize(),
            layout.blockCapacity(),
            layout.pageBlocks(),
            layout.cacheBlocks(),
            runs),
        Grids.coarse(items));
  }

  /** One item for each row, KV head and run of {@link #BLOCKS} blocks. */
  static void estimate(
      IntArray rows,
      IntArray tables,
      FloatArray query,
      FloatArray blockMin,
      FloatArray blockMax,
      FloatArray scores,
      int items,
      int kvHeads,
      int group,
      int headDim,
      int blockSize,
      int blockCapacity,
      int pageBlocks,
      int cacheBlocks,
      int runs) {
    for (@Parallel int item = 0; item < items; item++) {
      int rowHead = item / runs;
      int run = item - rowHead * runs;
      int row = rowHead / kvHeads;
      int head = rowHead - row * kvHeads;
      int at = Rows.HEADER + row * Rows.INTS;
      if (row < rows.get(Rows.COUNT)) {
        int blocks = rows.get(at + Rows.POSITION) / blockSize + 1;
        int first = run * BLOCKS;
        int last = TornadoMath.min(first + BLOCKS, blocks);
        if (first < last) {
          float[] mean = new float[MAX_HEAD_DIM];
          int q = rowHead * group * headDim;
          for (int j = 0; j < headDim; j++) {
            float sum = 0;
            for (int g = 0; g < group; g++) {
              sum += query.get(q + g * headDim + j);
            }
            mean[j] = sum / group;
          }
          int table = rows.get(at + Rows.TABLE);
          for (int block = first; block < last; block++) {
            int descriptor =
                Paging.row(tables, table, block, pageBlocks, head, cacheBlocks) * headDim;
            float score = 0;
            for (int j = 0; j < headDim; j++) {
              score +=
                  TornadoMath.max(
                      mean[j] * blockMax.get(descriptor + j),
                      mean[j] * blockMin.get(descriptor + j));
            }
            scores.set(rowHead * blockCapacity + block, score);
          }
        }
      }
    }
  }
}
