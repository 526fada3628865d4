package org.resa4j.tornado.loop;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products: one item for each output, which reads its row of weights once from memory for
 * all rows of input.
 */
final class LoopLinear {
  /** From so many rows on, four are taken at a time. */
  private static final int MANY_ROWS = 4;

  private LoopLinear() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    graph.add(
        rows.most() >= MANY_ROWS
            ? TaskPackage.createPackage(
                graph.id(stage),
                LoopLinear::linearRows,
                rows.header(),
                rows.count(),
                input.floats(),
                weights.values().floats(),
                weights.values().halfs(),
                output,
                add ? 1 : 0,
                weights.inputs(),
                weights.outputs(),
                weights.values().format())
            : TaskPackage.createPackage(
                graph.id(stage),
                LoopLinear::linear,
                rows.header(),
                rows.count(),
                input.floats(),
                weights.values().floats(),
                weights.values().halfs(),
                output,
                add ? 1 : 0,
                weights.inputs(),
                weights.outputs(),
                weights.values().format()),
        Grids.coarse(weights.outputs()));
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
            LoopLinear::addBias,
            rows.header(),
            rows.count(),
            x,
            vectors,
            offset,
            items,
            width),
        Grids.fine(items));
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   */
  static void linear(
      IntArray active,
      int count,
      FloatArray input,
      FloatArray weightFloats,
      HalfFloatArray weightHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int format) {
    for (@Parallel int o = 0; o < outputs; o++) {
      int rows = active.get(count);
      int w = o * inputs;
      for (int row = 0; row < rows; row++) {
        int x = row * inputs;
        float sum = 0;
        for (int i = 0; i < inputs; i++) {
          sum += Reals.get(weightFloats, weightHalfs, format, w + i) * input.get(x + i);
        }
        int to = row * outputs + o;
        if (add == 1) {
          sum += output.get(to);
        }
        output.set(to, sum);
      }
    }
  }

  /** As {@link #linear}, four rows at a time: for many rows. */
  static void linearRows(
      IntArray active,
      int count,
      FloatArray input,
      FloatArray weightFloats,
      HalfFloatArray weightHalfs,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int format) {
    for (@Parallel int o = 0; o < outputs; o++) {
      int rows = active.get(count);
      int w = o * inputs;
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
        for (int i = 0; i < inputs; i++) {
          float weight = Reals.get(weightFloats, weightHalfs, format, w + i);
          sumA += weight * input.get(a + i);
          sumB += weight * input.get(b + i);
          sumC += weight * input.get(c + i);
          sumD += weight * input.get(d + i);
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

  /** {@code x[row] += bias}; one item for each element. */
  static void addBias(
      IntArray active,
      int count,
      FloatArray x,
      FloatArray vectors,
      int biasOffset,
      int items,
      int width) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / width;
      if (row < active.get(count)) {
        x.set(item, x.get(item) + vectors.get(biasOffset + item - row * width));
      }
    }
  }
}
