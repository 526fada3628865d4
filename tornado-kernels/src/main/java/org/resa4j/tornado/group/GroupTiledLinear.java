package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Weights;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for many rows in work-groups: each computes a square tile of the output from
 * tiles of input and weights in local memory, 16 results an item, in named variables since private
 * arrays would not stay in registers.
 */
final class GroupTiledLinear {
  /** Rows, and outputs, of a tile. */
  private static final int TILE = 64;

  private static final int ITEMS = 256;

  /** Items along each side of a tile. */
  private static final int SIDE = 16;

  /** Inputs that are in local memory at a time. */
  private static final int DEPTH = 16;

  /** One more than the depth, so that neighbouring items read from different banks. */
  private static final int STRIDE = DEPTH + 1;

  private GroupTiledLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add) {
    int tiles = Math.ceilDiv(weights.outputs(), TILE);
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
            input.format(),
            weights.values().format()),
        Grids.groups(tiles * Math.ceilDiv(rows.most(), TILE), ITEMS));
  }

  /**
   * As {@link GroupLinear#linear}.
   *
   * @param outputTiles tiles that share the outputs
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
      int inputFormat,
      int weightFormat) {
    float[] left = context.allocateFloatLocalArray(TILE * STRIDE);
    float[] right = context.allocateFloatLocalArray(TILE * STRIDE);
    int item = context.localIdx;
    int rowTile = context.groupIdx / outputTiles;
    int firstRow = rowTile * TILE;
    int firstOutput = (context.groupIdx - rowTile * outputTiles) * TILE;
    int rows = active.get(count);
    if (firstRow < rows) {
      int across = item % SIDE;
      int down = item / SIDE;
      float sum00 = 0;
      float sum01 = 0;
      float sum02 = 0;
      float sum03 = 0;
      float sum10 = 0;
      float sum11 = 0;
      float sum12 = 0;
      float sum13 = 0;
      float sum20 = 0;
      float sum21 = 0;
      float sum22 = 0;
      float sum23 = 0;
      float sum30 = 0;
      float sum31 = 0;
      float sum32 = 0;
      float sum33 = 0;
      for (int depth = 0; depth < inputs; depth += DEPTH) {
        for (int i = item; i < TILE * DEPTH; i += ITEMS) {
          int line = i / DEPTH;
          int k = i - line * DEPTH;
          float x = 0;
          float w = 0;
          if (depth + k < inputs) {
            if (firstRow + line < rows) {
              x =
                  Reals.get(
                      inputFloats, inputHalfs, inputFormat, (firstRow + line) * inputs + depth + k);
            }
            if (firstOutput + line < outputs) {
              w =
                  Reals.get(
                      weightFloats,
                      weightHalfs,
                      weightFormat,
                      (firstOutput + line) * inputs + depth + k);
            }
          }
          left[line * STRIDE + k] = x;
          right[line * STRIDE + k] = w;
        }
        context.localBarrier();
        for (int k = 0; k < DEPTH; k++) {
          float x0 = left[(down + 0 * SIDE) * STRIDE + k];
          float x1 = left[(down + 1 * SIDE) * STRIDE + k];
          float x2 = left[(down + 2 * SIDE) * STRIDE + k];
          float x3 = left[(down + 3 * SIDE) * STRIDE + k];
          float w0 = right[(across + 0 * SIDE) * STRIDE + k];
          float w1 = right[(across + 1 * SIDE) * STRIDE + k];
          float w2 = right[(across + 2 * SIDE) * STRIDE + k];
          float w3 = right[(across + 3 * SIDE) * STRIDE + k];
          sum00 += x0 * w0;
          sum01 += x0 * w1;
          sum02 += x0 * w2;
          sum03 += x0 * w3;
          sum10 += x1 * w0;
          sum11 += x1 * w1;
          sum12 += x1 * w2;
          sum13 += x1 * w3;
          sum20 += x2 * w0;
          sum21 += x2 * w1;
          sum22 += x2 * w2;
          sum23 += x2 * w3;
          sum30 += x3 * w0;
          sum31 += x3 * w1;
          sum32 += x3 * w2;
          sum33 += x3 * w3;
        }
        context.localBarrier();
      }
      put(
          output,
          add,
          firstRow + down + 0 * SIDE,
          rows,
          firstOutput + across + 0 * SIDE,
          outputs,
          sum00);
      put(
          output,
          add,
          firstRow + down + 0 * SIDE,
          rows,
          firstOutput + across + 1 * SIDE,
          outputs,
          sum01);
      put(
          output,
          add,
          firstRow + down + 0 * SIDE,
          rows,
          firstOutput + across + 2 * SIDE,
          outputs,
          sum02);
      put(
          output,
          add,
          firstRow + down + 0 * SIDE,
          rows,
          firstOutput + across + 3 * SIDE,
          outputs,
          sum03);
      put(
          output,
          add,
          firstRow + down + 1 * SIDE,
          rows,
          firstOutput + across + 0 * SIDE,
          outputs,
          sum10);
      put(
          output,
          add,
          firstRow + down + 1 * SIDE,
          rows,
          firstOutput + across + 1 * SIDE,
          outputs,
          sum11);
      put(
          output,
          add,
          firstRow + down + 1 * SIDE,
          rows,
          firstOutput + across + 2 * SIDE,
          outputs,
          sum12);
      put(
          output,
          add,
          firstRow + down + 1 * SIDE,
          rows,
          firstOutput + across + 3 * SIDE,
          outputs,
          sum13);
      put(
          output,
          add,
          firstRow + down + 2 * SIDE,
          rows,
          firstOutput + across + 0 * SIDE,
          outputs,
          sum20);
      put(
          output,
          add,
          firstRow + down + 2 * SIDE,
          rows,
          firstOutput + across + 1 * SIDE,
          outputs,
          sum21);
      put(
          output,
          add,
          firstRow + down + 2 * SIDE,
          rows,
          firstOutput + across + 2 * SIDE,
          outputs,
          sum22);
      put(
          output,
          add,
          firstRow + down + 2 * SIDE,
          rows,
          firstOutput + across + 3 * SIDE,
          outputs,
          sum23);
      put(
          output,
          add,
          firstRow + down + 3 * SIDE,
          rows,
          firstOutput + across + 0 * SIDE,
          outputs,
          sum30);
      put(
          output,
          add,
          firstRow + down + 3 * SIDE,
          rows,
          firstOutput + across + 1 * SIDE,
          outputs,
          sum31);
      put(
          output,
          add,
          firstRow + down + 3 * SIDE,
          rows,
          firstOutput + across + 2 * SIDE,
          outputs,
          sum32);
      put(
          output,
          add,
          firstRow + down + 3 * SIDE,
          rows,
          firstOutput + across + 3 * SIDE,
          outputs,
          sum33);
    }
  }

  private static void put(
      FloatArray output, int add, int row, int rows, int column, int columns, float sum) {
    if (row < rows && column < columns) {
      int to = row * columns + column;
      if (add == 1) {
        output.set(to, output.get(to) + sum);
      } else {
        output.set(to, sum);
      }
    }
  }
}
