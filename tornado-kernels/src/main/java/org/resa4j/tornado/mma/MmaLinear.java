package org.resa4j.tornado.mma;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat2;

/**
 * Matrix products on tensor cores: CUDA backend, fp16 weights. Products of fp16, the input rounded
 * to it, with sums in fp32.
 *
 * <p>A work-group has {@link #OUTPUTS} outputs, 16 to a warp, for some eights of rows, and a ring
 * of tiles of {@link #INPUTS} inputs, all but one of them under way. Where the outputs are too few
 * to keep the device reading, the inputs are split over work-groups, whose sums {@link #addSplits}
 * brings together.
 *
 * <p>Measured on an NVIDIA H200 with weights of Qwen2.5-7B's shape: 5,100 tokens/s of prefill in
 * chunks of 128. A single row is {@link MmaGemv}'s.
 */
final class MmaLinear {
  private static final int WARPS = 4;

  /** Outputs of a work-group. */
  private static final int OUTPUTS = WARPS * 16;

  /** Inputs of a tile; a matrix has a multiple of them. */
  private static final int INPUTS = 64;

  /** Rows of input are taken in eights. */
  private static final int ROWS = 8;

  /** Eights of a work-group where there are many rows. */
  private static final int MANY = 8;

  /** Tiles of a ring: many where a tile has one eight of rows, two where it has {@link #MANY}. */
  private static final int RING = 4;

  private static final int STRIDE = INPUTS / 2 + MmaTile.PADDING;
  private static final int TILE_INTS = RING * (OUTPUTS + ROWS) * STRIDE;

  /** Work-groups of a matrix product that keep the largest GPUs busy. */
  private static final int BUSY = 640;

  /** Tiles of inputs that are worth a work-group. */
  private static final int LEAST_TILES = 4;

  private MmaLinear() {}

  /** Whether it is made for a matrix. */
  static boolean takes(PlainWeights weights) {
    return weights.half() && weights.inputs() % INPUTS == 0;
  }

  /**
   * @param sums where the splits' sums go, {@code [split][row][outputs]}; its room bounds their
   *     number
   */
  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add,
      FloatArray sums) {
    int adds = add ? 1 : 0;
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    int rowTiles = rows.most() <= ROWS ? 1 : MANY;
    int rowGroups = Math.ceilDiv(rows.most(), rowTiles * ROWS);
    int tiles = Math.ceilDiv(outputs, OUTPUTS) * rowGroups;
    int splits = splits(tiles, inputs, sums.getSize() / (rows.most() * outputs));
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            MmaLinear::linear,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.values().halfs(),
            output,
            sums,
            adds,
            inputs,
            outputs,
            rows.most(),
            rowTiles,
            rowGroups,
            splits),
        Grids.groups(tiles * splits, WARPS * MmaTile.WARP));
    if (splits > 1) {
      launchSplits(graph, stage, rows, sums, output, add, outputs, splits);
    }
  }

  /** Brings together the sums of work-groups that shared the inputs of a product. */
  static void launchSplits(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray sums,
      FloatArray output,
      boolean add,
      int outputs,
      int splits) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Splits"),
            MmaLinear::addSplits,
            graph.context(),
            rows.header(),
            rows.count(),
            sums,
            output,
            add ? 1 : 0,
            outputs,
            rows.most(),
            splits),
        Grids.items(rows.most() * outputs));
  }

  /** Over how many work-groups the inputs are split. */
  private static int splits(int tiles, int inputs, int room) {
    int wanted = Math.ceilDiv(BUSY, tiles);
    int worth = inputs / (INPUTS * LEAST_TILES);
    return Math.max(1, Math.min(wanted, Math.min(worth, room)));
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   *
   * @param sums {@code [split][row][o]}, written instead of the output if there are several splits
   * @param rows rows that input and output have room for
   * @param rowGroups work-groups that share the rows
   * @param splits work-groups that share the inputs
   */
  static void linear(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      HalfFloatArray weights,
      FloatArray output,
      FloatArray sums,
      int add,
      int inputs,
      int outputs,
      int rows,
      int rowTiles,
      int rowGroups,
      int splits) {
    int[] tile = context.allocateIntLocalArray(TILE_INTS);
    int group = context.groupIdx / splits;
    int split = context.groupIdx - group * splits;
    int firstOutput = group / rowGroups * OUTPUTS;
    int firstRow = (group - group / rowGroups * rowGroups) * rowTiles * ROWS;
    int activeRows = active.get(count);
    if (firstRow < activeRows) {
      int item = context.localIdx;
      int lane = item & (MmaTile.WARP - 1);
      int warp = item / MmaTile.WARP;
      int tileInts = (OUTPUTS + ROWS * rowTiles) * STRIDE;
      int ring = rowTiles == 1 ? RING : 2;
      int chunk = inputs / INPUTS * split / splits;
      int last = inputs / INPUTS * (split + 1) / splits;
      float[] total = new float[MANY * 4];
      for (int i = 0; i < rowTiles * 4; i++) {
        total[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(MANY * MmaTile.FRAGMENT);

      for (int ahead = 0; ahead < ring - 1; ahead++) {
        if (chunk + ahead < last) {
          load(
              context,
              lane,
              warp,
              tile,
              ahead * tileInts,
              input,
              weights,
              chunk + ahead,
              firstOutput,
              firstRow,
              activeRows,
              inputs,
              outputs,
              rowTiles);
        }
        context.asyncCopyCommit();
      }
      int slot = 0;
      while (chunk < last) {
        if (ring == RING) {
          context.asyncCopyWaitGroup(RING - 2);
        } else {
          context.asyncCopyWaitGroup(0);
        }
        context.localBarrier();
        int free = slot == 0 ? ring - 1 : slot - 1;
        if (chunk + ring - 1 < last) {
          load(
              context,
              lane,
              warp,
              tile,
              free * tileInts,
              input,
              weights,
              chunk + ring - 1,
              firstOutput,
              firstRow,
              activeRows,
              inputs,
              outputs,
              rowTiles);
        }
        context.asyncCopyCommit();
        int at = slot * tileInts * 4;
        int weightsAt = at + warp * 16 * STRIDE * 4 + MmaTile.rowsA(lane, STRIDE);
        int inputAt = at + OUTPUTS * STRIDE * 4 + MmaTile.rowsOfB(lane, STRIDE);
        HalfFloat[] w0 = context.mmaLoadA(tile, 16, weightsAt);
        HalfFloat[] w1 = context.mmaLoadA(tile, 16, weightsAt + 32);
        HalfFloat[] w2 = context.mmaLoadA(tile, 16, weightsAt + 64);
        HalfFloat[] w3 = context.mmaLoadA(tile, 16, weightsAt + 96);
        for (int n = 0; n < rowTiles; n++) {
          int x = inputAt + n * ROWS * STRIDE * 4;
          float[] s = context.mmaFragment(0f);
          s = context.mma(w0, context.mmaLoadA(tile, 16, x), s, MMAShape.M16N8K16);
          s = context.mma(w1, context.mmaLoadA(tile, 16, x + 32), s, MMAShape.M16N8K16);
          s = context.mma(w2, context.mmaLoadA(tile, 16, x + 64), s, MMAShape.M16N8K16);
          s = context.mma(w3, context.mmaLoadA(tile, 16, x + 96), s, MMAShape.M16N8K16);
          context.mmaStore(s, fragments.getArray(), n * 16 - (lane >> 2), -((lane & 3) << 1), 1);
          int upper = n * MmaTile.FRAGMENT + MmaTile.UPPER;
          int lower = n * MmaTile.FRAGMENT + MmaTile.LOWER;
          total[n * 4] = total[n * 4] + fragments.get(upper).getX();
          total[n * 4 + 1] = total[n * 4 + 1] + fragments.get(upper).getY();
          total[n * 4 + 2] = total[n * 4 + 2] + fragments.get(lower).getX();
          total[n * 4 + 3] = total[n * 4 + 3] + fragments.get(lower).getY();
        }
        slot = slot + 1;
        if (slot == ring) {
          slot = 0;
        }
        chunk = chunk + 1;
      }

      for (int i = 0; i < rowTiles * 4; i++) {
        int o = firstOutput + warp * 16 + (lane >> 2) + (i & 2) * 4;
        int row = firstRow + i / 4 * ROWS + (lane & 3) * 2 + (i & 1);
        if (o < outputs && row < activeRows) {
          float sum = total[i];
          int to = row * outputs + o;
          if (splits > 1) {
            sums.set(split * rows * outputs + to, sum);
          } else {
            if (add == 1) {
              sum += output.get(to);
            }
            output.set(to, sum);
          }
        }
      }
    }
  }

  /** Brings the splits' sums together; one item for each output of each row. */
  static void addSplits(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray sums,
      FloatArray output,
      int add,
      int outputs,
      int rows,
      int splits) {
    int i = context.globalIdx;
    if (i < active.get(count) * outputs) {
      float sum = 0;
      if (add == 1) {
        sum = output.get(i);
      }
      for (int split = 0; split < splits; split++) {
        sum += sums.get(split * rows * outputs + i);
      }
      output.set(i, sum);
    }
  }

  /**
   * Starts copying a chunk of the inputs: the warp's own rows of weights, and its share of the
   * input's rows. Of inactive rows nothing is read but their own results.
   */
  private static void load(
      KernelContext context,
      int lane,
      int warp,
      int[] tile,
      int to,
      HalfFloatArray input,
      HalfFloatArray weights,
      int chunk,
      int firstOutput,
      int firstRow,
      int activeRows,
      int inputs,
      int outputs,
      int rowTiles) {
    int column = chunk * INPUTS;
    for (int r = 0; r < 16; r++) {
      int tileRow = warp * 16 + r;
      int o = TornadoMath.min(firstOutput + tileRow, outputs - 1);
      int from = o * inputs + column;
      MmaTile.copyRow(context, lane, tile, to + tileRow * STRIDE, weights, from, INPUTS / 2);
    }
    int share = ROWS * rowTiles / WARPS;
    for (int r = 0; r < share; r++) {
      int row = warp * share + r;
      if (firstRow + row < activeRows) {
        int from = (firstRow + row) * inputs + column;
        int at = to + (OUTPUTS + row) * STRIDE;
        MmaTile.copyRow(context, lane, tile, at, input, from, INPUTS / 2);
      }
    }
  }
}
