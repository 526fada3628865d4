package org.resa4j.tornado.layer;

import org.resa4j.tornado.group.TensorTile;
import uk.ac.manchester.tornado.api.KernelContext;
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
 * <p>A work-group has {@link #OUTPUTS} outputs for some eights of rows; its warps share out the
 * inputs, {@link #INPUTS} at a time, and add up at the end. So even a narrow matrix keeps the whole
 * device reading. Each warp has a ring of {@link #RING} tiles, all but one of them under way.
 */
final class TensorLinearKernels {
  /** Outputs of a work-group. */
  static final int OUTPUTS = 16;

  /** Inputs of a tile; a matrix has a multiple of them. */
  static final int INPUTS = 64;

  /** Rows of input are taken in eights. */
  static final int ROWS = 8;

  private static final int RING = 3;
  private static final int STRIDE = INPUTS / 2 + TensorTile.PADDING;

  /** Of tiles, for the product of warps and rows of a tile that {@link #warps} keeps to. */
  private static final int TILE_INTS = RING * 96 * STRIDE;

  private static final int MAX_ROW_TILES = 4;

  private TensorLinearKernels() {}

  /** Eights of rows that a work-group takes. */
  static int rowTiles(int rows) {
    return rows <= ROWS ? 1 : MAX_ROW_TILES;
  }

  /** Warps of a work-group: as many as have room for their tiles. */
  static int warps(int rowTiles) {
    return 96 / (OUTPUTS + ROWS * rowTiles);
  }

  /** The active rows in fp16; one item for each element. */
  static void toHalf(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray input,
      HalfFloatArray half,
      int inputs) {
    int i = context.globalIdx;
    if (i < active.get(count) * inputs) {
      float x = input.get(i);
      half.set(i, new HalfFloat(x));
    }
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   *
   * @param rows rows that {@code input} has room for
   * @param rowGroups work-groups that share the rows
   */
  static void linear(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      HalfFloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int rows,
      int rowTiles,
      int rowGroups,
      int warps) {
    int[] tile = context.allocateIntLocalArray(TILE_INTS);
    float[] sums = context.allocateFloatLocalArray(MAX_ROW_TILES * 2 * 4 * TensorTile.WARP);
    int firstOutput = context.groupIdx / rowGroups * OUTPUTS;
    int firstRow = (context.groupIdx - firstOutput / OUTPUTS * rowGroups) * rowTiles * ROWS;
    int activeRows = active.get(count);
    if (firstRow < activeRows) {
      int item = context.localIdx;
      int lane = item & (TensorTile.WARP - 1);
      int warp = item / TensorTile.WARP;
      int tileInts = (OUTPUTS + ROWS * rowTiles) * STRIDE;
      int ring = warp * RING * tileInts;
      int chunks = inputs / INPUTS;
      int rounds = (chunks + warps - 1) / warps;
      float[] total = new float[MAX_ROW_TILES * 4];
      for (int i = 0; i < rowTiles * 4; i++) {
        total[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(MAX_ROW_TILES * TensorTile.FRAGMENT);

      for (int r = 0; r < RING - 1; r++) {
        if (r * warps + warp < chunks) {
          load(
              context,
              lane,
              tile,
              ring + r * tileInts,
              input,
              weights,
              r * warps + warp,
              firstOutput,
              firstRow,
              inputs,
              outputs,
              rows,
              rowTiles);
        }
        context.asyncCopyCommit();
      }
      int slot = 0;
      for (int round = 0; round < rounds; round++) {
        context.asyncCopyWaitGroup(RING - 2);
        context.localBarrier();
        int ahead = (round + RING - 1) * warps + warp;
        int aheadSlot = slot + RING - 1;
        if (aheadSlot >= RING) {
          aheadSlot = aheadSlot - RING;
        }
        if (ahead < chunks) {
          load(
              context,
              lane,
              tile,
              ring + aheadSlot * tileInts,
              input,
              weights,
              ahead,
              firstOutput,
              firstRow,
              inputs,
              outputs,
              rows,
              rowTiles);
        }
        context.asyncCopyCommit();
        if (round * warps + warp < chunks) {
          int at = (ring + slot * tileInts) * 4;
          int weightsAt = at + TensorTile.rowsA(lane, STRIDE);
          int inputAt = at + OUTPUTS * STRIDE * 4 + TensorTile.rowsOfB(lane, STRIDE);
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
            int upper = n * TensorTile.FRAGMENT + TensorTile.UPPER;
            int lower = n * TensorTile.FRAGMENT + TensorTile.LOWER;
            total[n * 4] = total[n * 4] + fragments.get(upper).getX();
            total[n * 4 + 1] = total[n * 4 + 1] + fragments.get(upper).getY();
            total[n * 4 + 2] = total[n * 4 + 2] + fragments.get(lower).getX();
            total[n * 4 + 3] = total[n * 4 + 3] + fragments.get(lower).getY();
          }
        }
        slot = slot + 1;
        if (slot == RING) {
          slot = 0;
        }
      }

      // sums [warp][value][lane]
      int values = rowTiles * 4;
      for (int i = 0; i < values; i++) {
        sums[(warp * values + i) * TensorTile.WARP + lane] = total[i];
      }
      context.localBarrier();
      for (int i = item; i < values * TensorTile.WARP; i += warps * TensorTile.WARP) {
        float sum = 0;
        for (int w = 0; w < warps; w++) {
          sum += sums[w * values * TensorTile.WARP + i];
        }
        int of = i & (TensorTile.WARP - 1);
        int value = i / TensorTile.WARP;
        int o = firstOutput + (of >> 2) + (value & 2) * 4;
        int row = firstRow + value / 4 * ROWS + (of & 3) * 2 + (value & 1);
        if (o < outputs && row < activeRows) {
          int to = row * outputs + o;
          if (add == 1) {
            sum += output.get(to);
          }
          output.set(to, sum);
        }
      }
    }
  }

  /** Starts copying a chunk of the inputs: its weights, then its rows. */
  private static void load(
      KernelContext context,
      int lane,
      int[] tile,
      int to,
      HalfFloatArray input,
      HalfFloatArray weights,
      int chunk,
      int firstOutput,
      int firstRow,
      int inputs,
      int outputs,
      int rows,
      int rowTiles) {
    int column = chunk * INPUTS + lane * 2;
    for (int r = 0; r < OUTPUTS; r++) {
      int o = TornadoMath.min(firstOutput + r, outputs - 1);
      context.asyncCopyToLocal(tile, to + r * STRIDE + lane, weights, o * inputs + column);
    }
    for (int r = 0; r < ROWS * rowTiles; r++) {
      int row = TornadoMath.min(firstRow + r, rows - 1);
      context.asyncCopyToLocal(
          tile, to + (OUTPUTS + r) * STRIDE + lane, input, row * inputs + column);
    }
  }
}
