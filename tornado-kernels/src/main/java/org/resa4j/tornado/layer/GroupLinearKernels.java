package org.resa4j.tornado.layer;

import org.resa4j.tornado.attention.AttentionBuffers.Chunk;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for few rows in work-groups: {@link #LANES} neighbouring items share a row of
 * weights, so that their reads are contiguous, and add up in local memory. Bound by the reading of
 * the weights.
 */
final class GroupLinearKernels {
  static final int LANES = 32;
  static final int ITEMS = 128;

  /** Outputs of one work-group. */
  static final int OUTPUTS = ITEMS / LANES;

  private GroupLinearKernels() {}

  /** As {@link LinearKernels#linear}. */
  static void linear(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray input,
      FloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs) {
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
          sum += weights.get(w + i) * input.get(x + i);
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

  /** As {@link #linear}, with fp16 weights. */
  static void linearHalf(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray input,
      HalfFloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs) {
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
          sum += weights.get(w + i).getFloat32() * input.get(x + i);
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

  /**
   * {@code out = x / rms(x) * weight}; one work-group for each row.
   *
   * @param ofChunk 1 where active is a chunk, to norm those of its tokens that leave logits
   */
  static void rmsNorm(
      KernelContext context,
      IntArray active,
      int count,
      FloatArray x,
      FloatArray weights,
      int weightOffset,
      FloatArray out,
      int ofChunk,
      int hidden,
      float epsilon) {
    float[] sums = context.allocateFloatLocalArray(ITEMS);
    int item = context.localIdx;
    int rows = active.get(count);
    int row = context.groupIdx;
    if (row < rows) {
      int to = row * hidden;
      int from = to;
      if (ofChunk == 1) {
        from = active.get(Chunk.HEADER + row * Chunk.INTS + Chunk.LOGIT_TOKEN) * hidden;
      }
      float squares = 0;
      for (int i = item; i < hidden; i += ITEMS) {
        float value = x.get(from + i);
        squares += value * value;
      }
      sums[item] = squares;
      context.localBarrier();
      for (int stride = ITEMS / 2; stride > 0; stride = stride / 2) {
        if (item < stride) {
          sums[item] += sums[item + stride];
        }
        context.localBarrier();
      }
      float scale = 1 / TornadoMath.sqrt(sums[0] / hidden + epsilon);
      for (int i = item; i < hidden; i += ITEMS) {
        out.set(to + i, x.get(from + i) * scale * weights.get(weightOffset + i));
      }
    }
  }
}
