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
 * Matrix products of a single row: a work-group for each output, whose items read its weights side
 * by side, {@link #LOADS} each before they use the first. Bound by the reading of the weights.
 */
final class GroupGemv {
  private static final int ITEMS = 128;

  /** Weights that an item has under way. */
  private static final int LOADS = 14;

  /** Weights that the work-group has under way. */
  private static final int RUN = LOADS * ITEMS;

  /** Items that add up the others' sums, before the first adds up theirs. */
  private static final int ADDERS = 16;

  private GroupGemv() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            GroupGemv::multiply,
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
        Grids.groups(weights.outputs(), ITEMS));
  }

  /** {@code output[o] = weights[o] · input}, added to what is there if {@code add} is 1. */
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
      int inputFormat,
      int weightFormat) {
    float[] sums = context.allocateFloatLocalArray(ITEMS);
    float[] totals = context.allocateFloatLocalArray(ADDERS);
    int item = context.localIdx;
    int o = context.groupIdx;
    int rows = active.get(count);
    if (rows > 0) {
      int whole = inputs / RUN * RUN;
      int x = item;
      int weight = o * inputs + item;
      float[] w = new float[LOADS];
      float sum = 0;
      while (x < whole) {
        for (int u = 0; u < LOADS; u++) {
          w[u] = Reals.get(weightFloats, weightHalfs, weightFormat, weight + u * ITEMS);
        }
        // Else a compiler that saves registers has one load under way at a time.
        context.localBarrier();
        for (int u = 0; u < LOADS; u++) {
          sum += w[u] * Reals.get(inputFloats, inputHalfs, inputFormat, x + u * ITEMS);
        }
        // Limits never reached keep compilers from knowing what is stepped: else TornadoVM writes
        // out all runs, and others keep the address of every load in registers of its own.
        x = TornadoMath.min(x + RUN, inputs + ITEMS);
        weight = TornadoMath.min(weight + RUN, outputs * inputs + ITEMS);
      }
      if (whole < inputs) {
        // Past the end the last is read again, and not added.
        int left = inputs - whole - item;
        for (int u = 0; u < LOADS; u++) {
          int at = weight + TornadoMath.min(u * ITEMS, left - 1);
          w[u] = Reals.get(weightFloats, weightHalfs, weightFormat, at);
        }
        context.localBarrier();
        for (int u = 0; u < LOADS; u++) {
          int at = x + TornadoMath.min(u * ITEMS, left - 1);
          float product = w[u] * Reals.get(inputFloats, inputHalfs, inputFormat, at);
          sum += u * ITEMS < left ? product : 0;
        }
      }
      sums[item] = sum;
      context.localBarrier();
      if (item < ADDERS) {
        float total = 0;
        for (int j = item; j < ITEMS; j += ADDERS) {
          total += sums[j];
        }
        totals[item] = total;
      }
      context.localBarrier();
      if (item == 0) {
        float total = 0;
        for (int j = 0; j < ADDERS; j++) {
          total += totals[j];
        }
        if (add == 1) {
          total += output.get(o);
        }
        output.set(o, total);
      }
    }
  }
}
