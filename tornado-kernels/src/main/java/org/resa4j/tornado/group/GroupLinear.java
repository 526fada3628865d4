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
 * Matrix products of few rows: a work-group for {@link #OUTPUTS} outputs, whose items read weights
 * side by side and use each for up to {@link #MAX_ROWS} rows. Bound by the reading of the weights,
 * which are in the cache when more rows than that want them again.
 */
final class GroupLinear {
  private static final int ITEMS = 128;

  /** Outputs of one work-group: what is read of the input serves so many. */
  private static final int OUTPUTS = 4;

  /** Rows at a time. */
  private static final int MAX_ROWS = 8;

  /** Weights of an output that an item has under way. */
  private static final int LOADS = 4;

  private static final int RUN = LOADS * ITEMS;

  /** Items that add up a result. */
  private static final int ADDERS = ITEMS / (OUTPUTS * MAX_ROWS);

  /** Of the items' shares of a result: keeps the banks of those who add up apart. */
  private static final int STRIDE = ITEMS + ADDERS;

  private GroupLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    int turns = Math.ceilDiv(rows.most(), MAX_ROWS);
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
            rows.most(),
            Math.ceilDiv(rows.most(), turns),
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
   *
   * @param most rows that there is room for
   * @param together rows at a time, at most {@link #MAX_ROWS}
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
      int most,
      int together,
      int inputFormat,
      int weightFormat) {
    float[] shares = context.allocateFloatLocalArray(OUTPUTS * MAX_ROWS * STRIDE);
    float[] totals = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int rows = active.get(count);
    // The last work-group and the last turn go back to have all their outputs and rows, so that
    // what is read lies at constant distances; what others write is left to them.
    int mine = context.groupIdx * OUTPUTS;
    int first = TornadoMath.max(TornadoMath.min(mine, outputs - OUTPUTS), 0);
    float[] w = new float[OUTPUTS * LOADS];
    float[] sums = new float[OUTPUTS * MAX_ROWS];
    for (int turn = 0; turn < rows && mine < outputs; turn += together) {
      int firstRow = TornadoMath.min(turn, most - together);
      for (int i = 0; i < OUTPUTS * MAX_ROWS; i++) {
        sums[i] = 0;
      }
      int whole = inputs / RUN * RUN;
      int x = firstRow * inputs + item;
      int weight = first * inputs + item;
      int end = x + whole;
      while (x < end) {
        load(weightFloats, weightHalfs, weightFormat, weight, inputs, outputs, 0, 0, w);
        // Else a compiler that saves registers has few loads under way at a time.
        context.localBarrier();
        add(inputFloats, inputHalfs, inputFormat, x, inputs, together, 0, 0, w, sums);
        // Limits never reached keep compilers from knowing what is stepped: else TornadoVM writes
        // out all runs, and others keep the address of every load in registers of its own.
        x = TornadoMath.min(x + RUN, most * inputs + ITEMS);
        weight = TornadoMath.min(weight + RUN, outputs * inputs + ITEMS);
      }
      if (whole < inputs) {
        int left = inputs - whole - item;
        load(weightFloats, weightHalfs, weightFormat, weight, inputs, outputs, 1, left, w);
        context.localBarrier();
        add(inputFloats, inputHalfs, inputFormat, x, inputs, together, 1, left, w, sums);
      }
      for (int i = 0; i < OUTPUTS * together; i++) {
        shares[i * STRIDE + item] = sums[i];
      }
      context.localBarrier();
      int result = item / ADDERS;
      if (result < OUTPUTS * together) {
        float total = 0;
        for (int j = item % ADDERS; j < ITEMS; j += ADDERS) {
          total += shares[result * STRIDE + j];
        }
        totals[item] = total;
      }
      context.localBarrier();
      int row = firstRow + item / OUTPUTS;
      int o = first + item % OUTPUTS;
      if (item < OUTPUTS * together && row >= turn && row < rows && o >= mine && o < outputs) {
        float total = 0;
        for (int j = 0; j < ADDERS; j++) {
          total += totals[item * ADDERS + j];
        }
        if (add == 1) {
          total += output.get(row * outputs + o);
        }
        output.set(row * outputs + o, total);
      }
    }
  }

  /**
   * An item's weights of a run: {@code w[u][o]}, 0 past the inputs; past the outputs the last's.
   *
   * @param from where the first is
   * @param guarded 1 if the inputs end in the run
   * @param left then the inputs from the item's first on
   */
  private static void load(
      FloatArray floats,
      HalfFloatArray halfs,
      int format,
      int from,
      int inputs,
      int outputs,
      int guarded,
      int left,
      float[] w) {
    for (int u = 0; u < LOADS; u++) {
      for (int o = 0; o < OUTPUTS; o++) {
        int at = from + TornadoMath.min(o, outputs - 1) * inputs;
        if (guarded == 0) {
          w[u * OUTPUTS + o] = Reals.get(floats, halfs, format, at + u * ITEMS);
        } else {
          float weight =
              Reals.get(floats, halfs, format, at + TornadoMath.min(u * ITEMS, left - 1));
          w[u * OUTPUTS + o] = u * ITEMS < left ? weight : 0;
        }
      }
    }
  }

  /**
   * Adds an item's inputs of a run, of each row, times their weights to {@code sums[row][o]}.
   *
   * @param from where the first row's first is
   */
  private static void add(
      FloatArray floats,
      HalfFloatArray halfs,
      int format,
      int from,
      int inputs,
      int together,
      int guarded,
      int left,
      float[] w,
      float[] sums) {
    for (int u = 0; u < LOADS; u++) {
      int at = from + u * ITEMS;
      if (guarded == 1) {
        at = from + TornadoMath.min(u * ITEMS, left - 1);
      }
      addOfRows(floats, halfs, format, at, inputs, together, w, u, sums);
    }
  }

  private static void addOfRows(
      FloatArray floats,
      HalfFloatArray halfs,
      int format,
      int at,
      int inputs,
      int together,
      float[] w,
      int u,
      float[] sums) {
    for (int row = 0; row < together; row++) {
      float x = Reals.get(floats, halfs, format, at + row * inputs);
      for (int o = 0; o < OUTPUTS; o++) {
        sums[row * OUTPUTS + o] += w[u * OUTPUTS + o] * x;
      }
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
