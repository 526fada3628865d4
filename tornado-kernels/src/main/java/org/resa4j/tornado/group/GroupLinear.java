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
 * Matrix products for few rows: {@link #LANES} neighbouring items share a row of weights, so that
 * their reads are contiguous, and add up in local memory. Bound by the reading of the weights.
 */
final class GroupLinear {
  private static final int LANES = 32;
  private static final int ITEMS = 128;

  /** Outputs of one work-group. */
  private static final int OUTPUTS = ITEMS / LANES;

  private GroupLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      Weights weights,
      FloatArray output,
      boolean add) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            GroupLinear::linear,
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
            input.format(),
            weights.values().format()),
        Grids.groups(Math.ceilDiv(weights.outputs(), OUTPUTS), ITEMS));
  }

  static void launchBias(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      FloatArray x,
      FloatArray vectors,
      int offset,
      int width) {
    int items = rows.most() * width;
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Bias"),
            GroupLinear::addBias,
            graph.context(),
            rows.header(),
            rows.count(),
            x,
            vectors,
            offset,
            items,
            width),
        Grids.items(items));
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   */
  static void linear(
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
      int inputFormat,
      int weightFormat) {
    float[] sums = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int lane = item % LANES;
    int o = context.groupIdx * OUTPUTS + item / LANES;
    int rows = active.get(count);
    int w = o * inputs;
    for (int row = 0; row < rows; row++) {
      int x = row * inputs;
      float sum = 0;
      if (o < outputs) {
        for (int i = lane; i < inputs; i += LANES) {
          sum +=
              Reals.get(weightFloats, weightHalfs, weightFormat, w + i)
                  * Reals.get(inputFloats, inputHalfs, inputFormat, x + i);
        }
      }
      sums[item] = sum;
      context.localBarrier();
      for (int stride = LANES / 2; stride > 0; stride = stride / 2) {
        if (lane < stride) {
          sums[item] += sums[item + stride];
        }
        context.localBarrier();
      }
      if (lane == 0 && o < outputs) {
        float total = sums[item];
        if (add == 1) {
          total += output.get(row * outputs + o);
        }
        output.set(row * outputs + o, total);
      }
      context.localBarrier();
    }
  }

  static void addBias(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray x,
      FloatArray vectors,
      int biasOffset,
      int items,
      int width) {
    int item = context.globalIdx;
    int row = item / width;
    if (item < items && row < active.get(count)) {
      x.set(item, x.get(item) + vectors.get(biasOffset + item - row * width));
    }
  }
}
