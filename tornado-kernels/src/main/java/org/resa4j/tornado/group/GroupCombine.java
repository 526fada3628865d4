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

/**
 * The last part of attend and encode: the splits' results brought to one maximum and added.
 *
 * <p>A work-group has {@link #COLUMNS} columns of one row and query head, and {@link #SHARES}
 * shares of the splits.
 */
final class GroupCombine {
  static final int MAX_SPLITS = 256;

  private static final int COLUMNS = 32;
  private static final int SHARES = 8;

  private GroupCombine() {}

  static void launch(KernelGraph graph, AttentionBuffers buffers, int mode) {
    AttentionLayout layout = buffers.layout();
    AttentionShape shape = layout.shape();
    AttentionBuffers.Workspace work = buffers.work();
    int parts = Math.ceilDiv(shape.headDim(), COLUMNS);
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
            parts,
            layout.blockSize(),
            work.output().format()),
        Grids.groups(AttendMode.rows(layout, mode) * shape.heads() * parts, COLUMNS * SHARES));
  }

  /**
   * @param partial {@code [row][Hq][split][d]}
   * @param partialSums {@code [row][Hq][split][2]}, maximum and sum
   * @param output {@code [row][Hq][d]}
   * @param parts work-groups that share a head's columns
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
      int parts,
      int blockSize,
      int format) {
    float[] maxima = context.allocateFloatLocalArray(MAX_SPLITS);
    float[] sums = context.allocateFloatLocalArray(MAX_SPLITS);
    float[] weights = context.allocateFloatLocalArray(MAX_SPLITS);
    float[] ofShares = context.allocateFloatLocalArray(2 * SHARES * COLUMNS);
    int head = context.groupIdx / parts;
    int item = context.localIdx;
    int share = item / COLUMNS;
    int lane = item - share * COLUMNS;
    int column = (context.groupIdx - head * parts) * COLUMNS + lane;
    int row = head / heads;
    if (row < AttendMode.rowCount(rows, mode)) {
      int tokens = AttendMode.tokens(rows, row, mode);
      int blocks = AttendMode.blocks(rows, row, mode, tokens, blockSize);
      int used = AttendMode.usedSplits(splits, blocks, mode, blockSize);
      for (int s = item; s < used; s += COLUMNS * SHARES) {
        maxima[s] = partialSums.get((head * splits + s) * 2);
        sums[s] = partialSums.get((head * splits + s) * 2 + 1);
      }
      context.localBarrier();
      float most = GroupAttend.NO_SCORE;
      for (int s = share; s < used; s += SHARES) {
        most = TornadoMath.max(most, maxima[s]);
      }
      if (lane == 0) {
        ofShares[share] = most;
      }
      context.localBarrier();
      float maximum = ofShares[0];
      for (int i = 1; i < SHARES; i++) {
        maximum = TornadoMath.max(maximum, ofShares[i]);
      }
      for (int s = item; s < used; s += COLUMNS * SHARES) {
        weights[s] = TornadoMath.exp(maxima[s] - maximum);
      }
      context.localBarrier();
      float sum = 0;
      float weighted = 0;
      for (int s = share; s < used; s += SHARES) {
        sum += sums[s] * weights[s];
        if (column < headDim) {
          weighted += partial.get((head * splits + s) * headDim + column) * weights[s];
        }
      }
      ofShares[item] = weighted;
      ofShares[SHARES * COLUMNS + item] = sum;
      context.localBarrier();
      if (share == 0 && column < headDim) {
        for (int i = 1; i < SHARES; i++) {
          weighted += ofShares[i * COLUMNS + lane];
          sum += ofShares[(SHARES + i) * COLUMNS + lane];
        }
        Reals.set(outputFloats, outputHalfs, format, head * headDim + column, weighted / sum);
      }
    }
  }
}
