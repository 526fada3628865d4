package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products with fp32 weights, loop-parallel: one item for each output, which reads its row
 * of weights once from memory for all rows of input.
 */
final class LinearKernels {
  private LinearKernels() {}

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   */
  static void linear(
      IntArray active,
      int count,
      FloatArray input,
      FloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs) {
    for (@Parallel int o = 0; o < outputs; o++) {
      int rows = active.get(count);
      int w = o * inputs;
      for (int row = 0; row < rows; row++) {
        int x = row * inputs;
        float sum = 0;
        for (int i = 0; i < inputs; i++) {
          sum += weights.get(w + i) * input.get(x + i);
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
      FloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs) {
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
          float weight = weights.get(w + i);
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

  /**
   * {@code output = silu(gate) * up}.
   *
   * @param gateUp {@code [row][2][intermediate]}: gate, then up
   * @param items {@code rows * intermediate}
   */
  static void swiGlu(
      IntArray active, int count, FloatArray gateUp, FloatArray output, int items, int width) {
    for (@Parallel int item = 0; item < items; item++) {
      int row = item / width;
      if (row < active.get(count)) {
        float gate = gateUp.get(item + row * width);
        float up = gateUp.get(item + row * width + width);
        output.set(item, gated(gate, up));
      }
    }
  }

  /** {@code silu(gate) * up}. */
  static float gated(float gate, float up) {
    return gate / (1 + TornadoMath.exp(TornadoMath.min(-gate, 80f))) * up;
  }
}
