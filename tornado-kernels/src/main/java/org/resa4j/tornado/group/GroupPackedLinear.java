package org.resa4j.tornado.group;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products of quantised weights and few rows: a work-group for {@link #OUTPUTS} outputs,
 * whose items read ints of weights side by side, expand them in registers and use them for up to
 * {@link #MAX_ROWS} rows. Bound by the reading of the weights.
 */
final class GroupPackedLinear {
  private static final int ITEMS = 128;

  /** Outputs of one work-group: what is read of the input serves so many. */
  private static final int OUTPUTS = 4;

  /** Rows at a time; more take turns. */
  static final int MAX_ROWS = 8;

  /** Ints of an output that an item has under way. */
  private static final int LOADS = 2;

  private static final int RUN = LOADS * ITEMS;

  /** The most numbers of an int. */
  private static final int MOST = 8;

  /** Items that add up a result, of few rows and of {@link #MAX_ROWS}. */
  private static final int MOST_ADDERS = 8;

  private static final int ADDERS = ITEMS / (OUTPUTS * MAX_ROWS);

  /** Of the items' shares of a result: keeps the banks of those who add up apart. */
  private static final int STRIDE = ITEMS + ADDERS;

  private GroupPackedLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    Packing packing = weights.packing();
    int turns = Math.ceilDiv(rows.most(), MAX_ROWS);
    int together = Math.ceilDiv(rows.most(), turns);
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, packing.id()),
            GroupPackedLinear::multiply,
            graph.context(),
            rows.header(),
            rows.count(),
            input.floats(),
            input.halfs(),
            weights.numbers(),
            weights.scales().floats(),
            weights.scales().halfs(),
            output,
            add ? 1 : 0,
            weights.inputs(),
            weights.outputs(),
            rows.most(),
            together,
            packing.bits(),
            packing.group(),
            packing.mins(),
            input.format(),
            weights.scales().format()),
        Grids.groups(Math.ceilDiv(weights.outputs(), OUTPUTS), ITEMS));
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   *
   * @param most rows that there is room for
   * @param together rows at a time, at most {@link #MAX_ROWS}
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray inputFloats,
      HalfFloatArray inputHalfs,
      IntArray numbers,
      FloatArray scaleFloats,
      HalfFloatArray scaleHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int most,
      int together,
      int bits,
      int group,
      int mins,
      int inputFormat,
      int scaleFormat) {
    float[] shares = context.allocateFloatLocalArray(OUTPUTS * MAX_ROWS * STRIDE);
    float[] totals = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int rows = active.get(count);
    int adders = together <= MAX_ROWS / 2 ? MOST_ADDERS : ADDERS;
    int each = 32 / bits;
    int ints = inputs / each;
    int groups = inputs / group;
    // The last work-group goes back to have all its outputs, so that what is read lies at constant
    // distances, and so does the last turn for its rows; what others write is left to them.
    int mine = context.groupIdx * OUTPUTS;
    int first = TornadoMath.max(TornadoMath.min(mine, outputs - OUTPUTS), 0);
    int[] packed = new int[OUTPUTS * LOADS];
    float[] scales = new float[OUTPUTS * LOADS];
    float[] minima = new float[OUTPUTS * LOADS];
    float[] sums = new float[OUTPUTS * MAX_ROWS];
    for (int turn = 0; turn < rows && mine < outputs; turn += together) {
      int firstRow = TornadoMath.min(turn, most - together);
      for (int i = 0; i < OUTPUTS * MAX_ROWS; i++) {
        sums[i] = 0;
      }
      int k = item;
      int end = ints + item;
      while (k < end) {
        // Past the end the last is read again, and not added.
        for (int u = 0; u < LOADS; u++) {
          int at = TornadoMath.min(k + u * ITEMS, ints - 1);
          for (int o = 0; o < OUTPUTS; o++) {
            int of = first + TornadoMath.min(o, outputs - 1);
            packed[u * OUTPUTS + o] = numbers.get(of * ints + at);
            int s = (of * groups + at * each / group) * (1 + mins);
            scales[u * OUTPUTS + o] = Reals.get(scaleFloats, scaleHalfs, scaleFormat, s);
            if (mins == 1) {
              minima[u * OUTPUTS + o] = Reals.get(scaleFloats, scaleHalfs, scaleFormat, s + 1);
            }
          }
        }
        // Else a compiler that saves registers has few loads under way at a time.
        context.localBarrier();
        for (int u = 0; u < LOADS; u++) {
          if (k + u * ITEMS < ints) {
            int x = firstRow * inputs + (k + u * ITEMS) * each;
            add(
                inputFloats,
                inputHalfs,
                inputFormat,
                x,
                inputs,
                together,
                bits,
                mins,
                u,
                packed,
                scales,
                minima,
                sums);
          }
        }
        // A limit never reached keeps compilers from knowing what is stepped: else TornadoVM writes
        // out all runs.
        k = TornadoMath.min(k + RUN, ints + RUN + ITEMS);
      }
      for (int i = 0; i < OUTPUTS * together; i++) {
        shares[i * STRIDE + item] = sums[i];
      }
      context.localBarrier();
      int result = item / adders;
      if (result < OUTPUTS * together) {
        float total = 0;
        for (int j = item % adders; j < ITEMS; j += adders) {
          total += shares[result * STRIDE + j];
        }
        totals[item] = total;
      }
      context.localBarrier();
      int row = firstRow + item / OUTPUTS;
      int o = first + item % OUTPUTS;
      if (item < OUTPUTS * together && row >= turn && row < rows && o >= mine && o < outputs) {
        float total = 0;
        for (int j = 0; j < adders; j++) {
          total += totals[item * adders + j];
        }
        if (add == 1) {
          total += output.get(row * outputs + o);
        }
        output.set(row * outputs + o, total);
      }
    }
  }

  /**
   * Adds the inputs of an int of each row, times their weights, to {@code sums[row][o]}. Numbers
   * are multiplied as they are stored; scale, offset and minimum are of all of the int's.
   *
   * @param x where the first row's first is
   * @param u which of the ints under way
   */
  private static void add(
      FloatArray inputFloats,
      HalfFloatArray inputHalfs,
      int inputFormat,
      int x,
      int inputs,
      int together,
      int bits,
      int mins,
      int u,
      int[] packed,
      float[] scales,
      float[] minima,
      float[] sums) {
    float[] values = new float[MOST];
    for (int row = 0; row < together; row++) {
      float total = 0;
      for (int i = 0; i < 32 / bits; i++) {
        values[i] = Reals.get(inputFloats, inputHalfs, inputFormat, x + row * inputs + i);
        total += values[i];
      }
      for (int o = 0; o < OUTPUTS; o++) {
        float dot = 0;
        for (int i = 0; i < 32 / bits; i++) {
          dot += Packing.number(packed[u * OUTPUTS + o], i, bits) * values[i];
        }
        if (mins == 1) {
          sums[row * OUTPUTS + o] +=
              scales[u * OUTPUTS + o] * dot - minima[u * OUTPUTS + o] * total;
        } else if (bits == 4) {
          sums[row * OUTPUTS + o] += scales[u * OUTPUTS + o] * (dot - Packing.OFFSET * total);
        } else {
          sums[row * OUTPUTS + o] += scales[u * OUTPUTS + o] * dot;
        }
      }
    }
  }
}
