package org.resa4j.tornado.group;

import org.resa4j.attention.AttentionShape;
import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.attention.AttendMode;
import org.resa4j.tornado.attention.AttentionBuffers;
import org.resa4j.tornado.attention.AttentionLayout;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The last part of attend and encode: the splits' results brought to one maximum and added. */
final class GroupCombine {
  static final int MAX_SPLITS = 64;

  private GroupCombine() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    graph.add(
        TaskPackage.createPackage(
            graph.id(AttendMode.stage(mode), "Combine"),
            GroupCombine::combine,
            graph.context(),
            AttendMode.header(buffers, mode),
            work.partial(),
            work.partialSums(),
            work.output().floats(),
            work.output().halfs(),
            mode,
            AttendMode.splits(layout, mode),
            shape.heads(),
            shape.headDim(),
            work.output().format()),
        Grids.groups(AttendMode.rows(layout, mode) * shape.heads(), shape.headDim()));
  }

  /**
   * One work-group of d items for each row and query head.
   *
   * @param partial {@code [row][Hq][split][d]}
   * @param partialSums {@code [row][Hq][split][2]}, maximum and sum
   * @param output {@code [row][Hq][d]}
   */
  static void combine(
      KernelContext context,
      IntArray rows,
      FloatArray partial,
      FloatArray partialSums,
      FloatArray outputFloats,
      HalfFloatArray outputHalfs,
      int mode,
      int splits,
      int heads,
      int headDim,
      int format) {
    float[] maxima = context.allocateFloatLocalArray(MAX_SPLITS);
    float[] sums = context.allocateFloatLocalArray(MAX_SPLITS);
    float[] weights = context.allocateFloatLocalArray(MAX_SPLITS);
    int head = context.groupIdx;
    int item = context.localIdx;
    int count = AttendMode.rowCount(rows, mode);
    if (head / heads < count) {
      for (int s = item; s < splits; s += headDim) {
        maxima[s] = partialSums.get((head * splits + s) * 2);
        sums[s] = partialSums.get((head * splits + s) * 2 + 1);
      }
      context.localBarrier();
      float maximum = GroupAttend.NO_SCORE;
      for (int s = 0; s < splits; s++) {
        maximum = TornadoMath.max(maximum, maxima[s]);
      }
      for (int s = item; s < splits; s += headDim) {
        weights[s] = TornadoMath.exp(maxima[s] - maximum);
      }
      context.localBarrier();
      float sum = 0;
      float weighted = 0;
      for (int s = 0; s < splits; s++) {
        sum += sums[s] * weights[s];
        weighted += partial.get((head * splits + s) * headDim + item) * weights[s];
      }
      Reals.set(outputFloats, outputHalfs, format, head * headDim + item, weighted / sum);
    }
  }
}
