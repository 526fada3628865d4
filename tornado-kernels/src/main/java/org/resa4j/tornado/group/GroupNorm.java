package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.LayerTasks.Norm;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** RMSNorm: one work-group for each row. */
final class GroupNorm {
  /** Work-items of a work-group. */
  private static final int ITEMS = 128;

  private GroupNorm() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm) {
    launch(graph, stage, rows, x, weights, offset, normed, norm, 0);
  }

  static void launchOfChunk(
      KernelGraph graph,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      Reals normed,
      Norm norm) {
    launch(graph, Stage.FINAL_NORM, rows, x, weights, 0, normed, norm, 1);
  }

  private static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm,
      int ofChunk) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            GroupNorm::rmsNorm,
            graph.context(),
            rows.header(),
            rows.count(),
            x,
            weights,
            offset,
            normed.floats(),
            normed.halfs(),
            ofChunk,
            norm.width(),
            norm.epsilon(),
            normed.format()),
        Grids.groups(rows.most(), ITEMS));
  }

  /**
   * {@code out = x / rms(x) * weight}; one work-group for each row.
   *
   * @param ofChunk 1 where active is a chunk, to norm those of its tokens that leave logits
   */
  static void rmsNorm(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray x,
      FloatArray weights,
      int weightOffset,
      FloatArray outFloats,
      HalfFloatArray outHalfs,
      int ofChunk,
      int hidden,
      float epsilon,
      int format) {
    float[] sums = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int rows = active.get(count);
    int row = context.groupIdx;
    if (row < rows) {
      int to = row * hidden;
      int from = to;
      if (ofChunk == 1) {
        from = active.get(Chunk.HEADER + row * Chunk.INTS + Chunk.LOGIT_TOKEN) * hidden;
      }
      float squares = 0;
      for (int i = item; i < hidden; i += ITEMS) {
        float value = x.get(from + i);
        squares += value * value;
      }
      sums[item] = squares;
      context.localBarrier();
      for (int stride = ITEMS / 2; stride > 0; stride = stride / 2) {
        if (item < stride) {
          sums[item] += sums[item + stride];
        }
        context.localBarrier();
      }
      float scale = 1 / TornadoMath.sqrt(sums[0] / hidden + epsilon);
      for (int i = item; i < hidden; i += ITEMS) {
        float normed = x.get(from + i) * scale * weights.get(weightOffset + i);
        Reals.set(outFloats, outHalfs, format, to + i, normed);
      }
    }
  }
}
