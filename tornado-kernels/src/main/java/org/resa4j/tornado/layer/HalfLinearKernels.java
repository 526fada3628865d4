package org.resa4j.tornado.layer;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Matrix products with fp16 weights, accumulated in fp32, loop-parallel. */
final class HalfLinearKernels {
  private HalfLinearKernels() {}

  /** As {@link LinearKernels#linear}. */
  static void linear(
      IntArray active,
      int count,
      FloatArray input,
      HalfFloatArray weights,
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
          sum += weights.get(w + i).getFloat32() * input.get(x + i);
        }
        int to = row * outputs + o;
        if (add == 1) {
          sum += output.get(to);
        }
        output.set(to, sum);
      }
    }
  }
}
