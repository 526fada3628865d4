package org.resa4j.tornado.loop;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products of quantised weights: one item for each output, which expands its numbers in
 * registers, for four rows of input at a time.
 */
final class LoopPackedLinear {
  private LoopPackedLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    Packing packing = weights.packing();
    graph.add(
        rows.most() == 1
            ? TaskPackage.createPackage(
                graph.id(stage, packing.id()),
                LoopPackedLinear::multiply,
                rows.header(),
                rows.count(),
                input.floats(),
                weights.numbers(),
                weights.scales().floats(),
                weights.scales().halfs(),
                output,
                add ? 1 : 0,
                weights.inputs(),
                weights.outputs(),
                packing.bits(),
                packing.group(),
                packing.mins(),
                packing.offset(),
                weights.scales().format())
            : TaskPackage.createPackage(
                graph.id(stage, packing.id()),
                LoopPackedLinear::multiplyRows,
                rows.header(),
                rows.count(),
                input.floats(),
                weights.numbers(),
                weights.scales().floats(),
                weights.scales().halfs(),
                output,
                add ? 1 : 0,
                weights.inputs(),
                weights.outputs(),
                packing.bits(),
                packing.group(),
                packing.mins(),
                packing.offset(),
                weights.scales().format()),
        Grids.coarse(weights.outputs()));
  }

  /** {@code output[o] = weights[o] · input}, added to what is there if {@code add} is 1. */
  static void multiply(
      IntArray active,
      int count,
      FloatArray input,
      IntArray numbers,
      FloatArray scaleFloats,
      HalfFloatArray scaleHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int bits,
      int group,
      int mins,
      int offset,
      int scaleFormat) {
    for (@Parallel int o = 0; o < outputs; o++) {
      if (active.get(count) > 0) {
        int each = 32 / bits;
        int groups = inputs / group;
        int ints = group / each;
        float sum = 0;
        for (int g = 0; g < groups; g++) {
          int at = (o * groups + g) * ints;
          float dot = 0;
          float total = 0;
          for (int k = 0; k < ints; k++) {
            int packed = numbers.get(at + k);
            int x = g * group + k * each;
            for (int i = 0; i < each; i++) {
              float value = input.get(x + i);
              dot += (Packing.number(packed, i, bits) - offset) * value;
              total += value;
            }
          }
          int s = (o * groups + g) * (1 + mins);
          sum += Reals.get(scaleFloats, scaleHalfs, scaleFormat, s) * dot;
          if (mins == 1) {
            sum -= Reals.get(scaleFloats, scaleHalfs, scaleFormat, s + 1) * total;
          }
        }
        if (add == 1) {
          sum += output.get(o);
        }
        output.set(o, sum);
      }
    }
  }

  /** The same of each row. */
  static void multiplyRows(
      IntArray active,
      int count,
      FloatArray input,
      IntArray numbers,
      FloatArray scaleFloats,
      HalfFloatArray scaleHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int bits,
      int group,
      int mins,
      int offset,
      int scaleFormat) {
    for (@Parallel int o = 0; o < outputs; o++) {
      int rows = active.get(count);
      int each = 32 / bits;
      int groups = inputs / group;
      int ints = group / each;
      for (int row = 0; row < rows; row += 4) {
        // Past the end the last row is computed again, and not written.
        int a = row * inputs;
        int b = TornadoMath.min(row + 1, rows - 1) * inputs;
        int c = TornadoMath.min(row + 2, rows - 1) * inputs;
        int d = TornadoMath.min(row + 3, rows - 1) * inputs;
        float sumA = 0;
        float sumB = 0;
        float sumC = 0;
        float sumD = 0;
        for (int g = 0; g < groups; g++) {
          int at = (o * groups + g) * ints;
          int s = (o * groups + g) * (1 + mins);
          float scale = Reals.get(scaleFloats, scaleHalfs, scaleFormat, s);
          float min = 0;
          if (mins == 1) {
            min = Reals.get(scaleFloats, scaleHalfs, scaleFormat, s + 1);
          }
          for (int k = 0; k < ints; k++) {
            int packed = numbers.get(at + k);
            int x = g * group + k * each;
            for (int i = 0; i < each; i++) {
              float weight = scale * (Packing.number(packed, i, bits) - offset) - min;
              sumA += weight * input.get(a + x + i);
              sumB += weight * input.get(b + x + i);
              sumC += weight * input.get(c + x + i);
              sumD += weight * input.get(d + x + i);
            }
          }
        }
        int to = row * outputs + o;
        if (add == 1) {
          sumA += output.get(to);
        }
        output.set(to, sumA);
        if (row + 1 < rows) {
          if (add == 1) {
            sumB += output.get(to + outputs);
          }
          output.set(to + outputs, sumB);
        }
        if (row + 2 < rows) {
          if (add == 1) {
            sumC += output.get(to + 2 * outputs);
          }
          output.set(to + 2 * outputs, sumC);
        }
        if (row + 3 < rows) {
          if (add == 1) {
            sumD += output.get(to + 3 * outputs);
          }
          output.set(to + 3 * outputs, sumD);
        }
      }
    }
  }
}
