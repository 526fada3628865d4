package org.resa4j.tornado.mma;

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
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** RMSNorm, written in fp16: CUDA backend, whose warps add up without local memory. */
final class MmaNorm {
  /** Work-items of a work-group, which has a row. */
  private static final int ITEMS = 512;

  private static final int WARPS = ITEMS / MmaTile.WARP;

  private MmaNorm() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray weights,
      int offset,
      Reals normed,
      Norm norm,
      boolean ofChunk) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            MmaNorm::rmsNorm,
            graph.context(),
            rows.header(),
            rows.count(),
            x,
            weights,
            offset,
            normed.halfs(),
            ofChunk ? 1 : 0,
            norm.width(),
            norm.epsilon()),
        Grids.groups(rows.most(), ITEMS));
  }

  /**
   * {@code out = x / rms(x) * weight}.
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
      HalfFloatArray out,
      int ofChunk,
      int width,
      float epsilon) {
    float[] shares = context.allocateFloatLocalArray(WARPS);
    int item = context.localIdx;
    int row = context.groupIdx;
    if (row < active.get(count)) {
      int to = row * width;
      int from = to;
      if (ofChunk == 1) {
        from = active.get(Chunk.HEADER + row * Chunk.INTS + Chunk.LOGIT_TOKEN) * width;
      }
      float squares = 0;
      for (int i = item; i < width; i += ITEMS) {
        float value = x.get(from + i);
        squares += value * value;
      }
      squares = context.simdSum(squares);
      if ((item & (MmaTile.WARP - 1)) == 0) {
        shares[item / MmaTile.WARP] = squares;
      }
      context.localBarrier();
      float sum = 0;
      for (int w = 0; w < WARPS; w++) {
        sum += shares[w];
      }
      float scale = 1 / TornadoMath.sqrt(sum / width + epsilon);
      for (int i = item; i < width; i += ITEMS) {
        float normed = x.get(from + i) * scale * weights.get(weightOffset + i);
        out.set(to + i, new HalfFloat(normed));
      }
    }
  }
}
