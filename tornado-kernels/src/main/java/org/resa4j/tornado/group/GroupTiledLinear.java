package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products of many rows in work-groups: each computes a tile of the output from tiles of
 * input and weights in local memory.
 *
 * <p>16 items side by side share {@link #OWN} rows; each has up to {@link #MAX_SHARE} outputs of
 * them, 16 apart. Private arrays have constant indices and so are registers; what an item reads of
 * local memory lies in fours, which NVIDIA's compiler reads at once where it sees that they are
 * aligned.
 */
final class GroupTiledLinear {
  private static final int ITEMS = 128;

  /** Rows of a tile. */
  private static final int ROWS = 64;

  /** Items that share rows. */
  private static final int SIDE = 16;

  /** Rows of an item. */
  private static final int OWN = ROWS * SIDE / ITEMS;

  /** Outputs of an item ... */
  private static final int MAX_SHARE = 4;

  /** ... and of matrices with few, whose tiles would be too few for a large GPU. */
  private static final int SMALL_SHARE = 2;

  private static final int FEW_OUTPUTS = 8192;

  /** The most outputs of a tile. */
  private static final int MAX_OUTPUTS = SIDE * MAX_SHARE;

  /** Items that a device may run as one, and the rows of a tile that they have. */
  private static final int WARP = 32;

  private static final int WARP_ROWS = WARP / SIDE * OWN;
  private static final int WARPS = ITEMS / WARP;

  /** Inputs that are in local memory at a time, and in quads, which are multiplied at a time. */
  private static final int DEPTH = 32;

  private static final int QUADS = DEPTH / 4;

  /** Of rows that items share; four more keep the banks of the next ones apart. */
  private static final int ROWS_STRIDE = OWN * DEPTH + 4;

  /** Of an output's weights. */
  private static final int STRIDE = DEPTH + 4;

  private static final int INPUT_VALUES = ROWS / OWN * ROWS_STRIDE;

  /** Rows, or outputs, of which all items together load {@link #DEPTH} values at once. */
  private static final int LINES = ITEMS / DEPTH;

  /** From so many rows on, weights are shared by tiles of rows. */
  private static final int MANY_ROWS = 16;

  private GroupTiledLinear() {}

  /** Whether tiles are worth it; else rows take turns, in more work-groups. */
  static boolean takes(ActiveRows rows, PlainWeights weights) {
    return rows.most() > ROWS || rows.most() >= MANY_ROWS && weights.outputs() >= FEW_OUTPUTS;
  }

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    int share = weights.outputs() < FEW_OUTPUTS ? SMALL_SHARE : MAX_SHARE;
    int tiles = Math.ceilDiv(weights.outputs(), SIDE * share);
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            GroupTiledLinear::multiply,
            graph.context(),
            rows.header(),
            rows.count(),
            input.floats(),
            input.halfs(),
            weights.values().floats(),
            weights.values().halfs(),
            output,
            add ? 1 : 0,
            weights.inputs(),
            weights.outputs(),
            tiles,
            share,
            input.format(),
            weights.values().format()),
        Grids.groups(tiles * Math.ceilDiv(rows.most(), ROWS), ITEMS));
  }

  /**
   * As {@link GroupLinear#linear}.
   *
   * @param outputTiles tiles that share the outputs
   * @param share outputs of an item
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray inputFloats,
      HalfFloatArray inputHalfs,
      FloatArray weightFloats,
      HalfFloatArray weightHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int outputTiles,
      int share,
      int inputFormat,
      int weightFormat) {
    // Inputs, then weights [output][input]; at last sums.
    float[] tile = context.allocateFloatLocalArray(INPUT_VALUES + MAX_OUTPUTS * STRIDE);
    int item = context.localIdx;
    int rowTile = context.groupIdx / outputTiles;
    int firstRow = rowTile * ROWS;
    int firstOutput = (context.groupIdx - rowTile * outputTiles) * SIDE * share;
    int rows = active.get(count);
    if (firstRow < rows) {
      // 1, which TornadoVM does not see: it would write out loops of constant length.
      int one = TornadoMath.min(rows, 1);
      // Warps with rows; where the others have none, they take a part of the inputs.
      int warp = item / WARP;
      int busy = WARPS;
      int part = 0;
      if (rows - firstRow <= WARP_ROWS) {
        busy = 1;
        part = warp;
      } else if (rows - firstRow <= ROWS / 2) {
        busy = WARPS / 2;
        part = warp / 2;
      }
      int firstQuad = QUADS / WARPS * busy * part;
      int lastQuad = QUADS / WARPS * busy * (part + 1);
      int column = item % SIDE;
      int sharing = (warp - part * busy) * (WARP / SIDE) + item / SIDE % (WARP / SIDE);
      int ownRow = sharing * OWN;
      int line = item / DEPTH;
      int k = item % DEPTH;
      float[] inputValues = new float[ROWS / LINES];
      float[] weightValues = new float[MAX_OUTPUTS / LINES];
      float[] w = new float[4 * MAX_SHARE];
      float[] sums = new float[OWN * MAX_SHARE];
      for (int i = 0; i < OWN * MAX_SHARE; i++) {
        sums[i] = 0;
      }
      // Past the ends the last is read again; of inputs it counts as 0, of rows and outputs it is
      // not written.
      for (int depth = 0; depth < inputs * one; depth += DEPTH) {
        int from = TornadoMath.min(depth + k, inputs - 1);
        for (int u = 0; u < ROWS / LINES; u++) {
          int row = TornadoMath.min(firstRow + line + u * LINES, rows - 1);
          inputValues[u] = Reals.get(inputFloats, inputHalfs, inputFormat, row * inputs + from);
        }
        for (int u = 0; u < SIDE * share / LINES; u++) {
          int o = TornadoMath.min(firstOutput + line + u * LINES, outputs - 1);
          weightValues[u] = Reals.get(weightFloats, weightHalfs, weightFormat, o * inputs + from);
        }
        if (depth + k >= inputs) {
          for (int u = 0; u < ROWS / LINES; u++) {
            inputValues[u] = 0;
          }
        }
        context.localBarrier();
        for (int u = 0; u < ROWS / LINES; u++) {
          int row = u * LINES;
          tile[row / OWN * ROWS_STRIDE + row % OWN * DEPTH + item] = inputValues[u];
        }
        for (int u = 0; u < SIDE * share / LINES; u++) {
          tile[INPUT_VALUES + (line + u * LINES) * STRIDE + k] = weightValues[u];
        }
        context.localBarrier();
        int quad = firstQuad;
        while (quad < lastQuad) {
          int weightAt = INPUT_VALUES + column * STRIDE + quad * 4;
          for (int t = 0; t < share; t++) {
            for (int j = 0; j < 4; j++) {
              w[t * 4 + j] = tile[weightAt + t * SIDE * STRIDE + j];
            }
          }
          int xAt = sharing * ROWS_STRIDE + quad * 4;
          add(sums, 0, tile[xAt], tile[xAt + 1], tile[xAt + 2], tile[xAt + 3], w, share);
          add(
              sums,
              1,
              tile[xAt + DEPTH],
              tile[xAt + DEPTH + 1],
              tile[xAt + DEPTH + 2],
              tile[xAt + DEPTH + 3],
              w,
              share);
          add(
              sums,
              2,
              tile[xAt + 2 * DEPTH],
              tile[xAt + 2 * DEPTH + 1],
              tile[xAt + 2 * DEPTH + 2],
              tile[xAt + 2 * DEPTH + 3],
              w,
              share);
          add(
              sums,
              3,
              tile[xAt + 3 * DEPTH],
              tile[xAt + 3 * DEPTH + 1],
              tile[xAt + 3 * DEPTH + 2],
              tile[xAt + 3 * DEPTH + 3],
              w,
              share);
          add(
              sums,
              4,
              tile[xAt + 4 * DEPTH],
              tile[xAt + 4 * DEPTH + 1],
              tile[xAt + 4 * DEPTH + 2],
              tile[xAt + 4 * DEPTH + 3],
              w,
              share);
          add(
              sums,
              5,
              tile[xAt + 5 * DEPTH],
              tile[xAt + 5 * DEPTH + 1],
              tile[xAt + 5 * DEPTH + 2],
              tile[xAt + 5 * DEPTH + 3],
              w,
              share);
          add(
              sums,
              6,
              tile[xAt + 6 * DEPTH],
              tile[xAt + 6 * DEPTH + 1],
              tile[xAt + 6 * DEPTH + 2],
              tile[xAt + 6 * DEPTH + 3],
              w,
              share);
          add(
              sums,
              7,
              tile[xAt + 7 * DEPTH],
              tile[xAt + 7 * DEPTH + 1],
              tile[xAt + 7 * DEPTH + 2],
              tile[xAt + 7 * DEPTH + 3],
              w,
              share);
          // A limit never reached keeps compilers from stepping addresses, whose alignment they
          // would then not see.
          quad = TornadoMath.min(quad + 1, DEPTH * rows);
        }
      }
      if (busy < WARPS) {
        context.localBarrier();
        for (int i = 0; i < OWN * MAX_SHARE; i++) {
          tile[i * ITEMS + item] = sums[i];
        }
        context.localBarrier();
        // Those of part 0 are wanted; the others read what they may.
        int of = item % (ITEMS / 2);
        for (int i = 0; i < OWN * MAX_SHARE; i++) {
          sums[i] = tile[i * ITEMS + of] + tile[i * ITEMS + of + ITEMS / 2];
        }
        if (busy == 1) {
          int next = item % WARP + WARP;
          for (int i = 0; i < OWN * MAX_SHARE; i++) {
            sums[i] += tile[i * ITEMS + next] + tile[i * ITEMS + next + ITEMS / 2];
          }
        }
      }
      if (part == 0) {
        put(output, add, firstRow + ownRow, rows, firstOutput + column, outputs, share, 0, sums);
        put(
            output,
            add,
            firstRow + ownRow + 1,
            rows,
            firstOutput + column,
            outputs,
            share,
            1,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 2,
            rows,
            firstOutput + column,
            outputs,
            share,
            2,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 3,
            rows,
            firstOutput + column,
            outputs,
            share,
            3,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 4,
            rows,
            firstOutput + column,
            outputs,
            share,
            4,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 5,
            rows,
            firstOutput + column,
            outputs,
            share,
            5,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 6,
            rows,
            firstOutput + column,
            outputs,
            share,
            6,
            sums);
        put(
            output,
            add,
            firstRow + ownRow + 7,
            rows,
            firstOutput + column,
            outputs,
            share,
            7,
            sums);
      }
    }
  }

  /** Adds four inputs of a row times their weights to an item's sums. */
  private static void add(
      float[] sums, int row, float x0, float x1, float x2, float x3, float[] w, int share) {
    for (int t = 0; t < share; t++) {
      float sum = sums[row * MAX_SHARE + t];
      sum += x0 * w[t * 4];
      sum += x1 * w[t * 4 + 1];
      sum += x2 * w[t * 4 + 2];
      sum += x3 * w[t * 4 + 3];
      sums[row * MAX_SHARE + t] = sum;
    }
  }

  /** Writes what an item has of a row, if it is one. */
  private static void put(
      FloatArray output,
      int add,
      int row,
      int rows,
      int column,
      int columns,
      int share,
      int own,
      float[] sums) {
    if (row < rows) {
      for (int t = 0; t < share; t++) {
        if (column + t * SIDE < columns) {
          int to = row * columns + column + t * SIDE;
          float sum = sums[own * MAX_SHARE + t];
          if (add == 1) {
            sum += output.get(to);
          }
          output.set(to, sum);
        }
      }
    }
  }
}
