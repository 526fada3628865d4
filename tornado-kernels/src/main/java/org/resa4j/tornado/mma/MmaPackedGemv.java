package org.resa4j.tornado.mma;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import org.resa4j.tornado.layer.SwiGlu;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * Matrix products of quantised weights and a single row: CUDA backend, fp16 scales and input, sums
 * in fp32. A warp has {@link #OUTPUTS} outputs, so that what it reads of the input, more than of
 * the weights, serves them all; a lane has two ints of each under way. Of few outputs and of long
 * rows the warps of a work-group have a part each.
 *
 * <p>GPUs convert few ints to floats at a time: nibbles are converted in pairs.
 */
final class MmaPackedGemv {
  private static final int OUTPUTS = 4;

  /** Of a work-group. */
  private static final int WARPS = 4;

  /** Ints of an output that a warp has under way. */
  private static final int RUN = 2 * MmaTile.WARP;

  /** Outputs that are enough to keep the largest GPUs busy if each warp has its own. */
  private static final int MANY_OUTPUTS = 16384;

  /** Ints of a row that are shared by warps whatever the outputs. */
  private static final int LONG = 1024;

  /** The most numbers of an int. */
  private static final int MOST = 8;

  /** Two neighbours that become one float are so many bits apart. */
  private static final int APART = 16;

  /** What is added to it is rounded to a multiple of 2^{@link #APART}. */
  private static final float ROUNDS_OFF = 1.5f * (1L << 23 + APART);

  private MmaPackedGemv() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    Packing packing = weights.packing();
    boolean shared = weights.outputs() < MANY_OUTPUTS || packing.ints(weights.inputs()) >= LONG;
    int sharing = shared ? WARPS : 1;
    int groups = Math.ceilDiv(weights.outputs(), OUTPUTS * WARPS / sharing);
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, packing.id()),
            MmaPackedGemv::multiply,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.numbers(),
            weights.scales().halfs(),
            output,
            add ? 1 : 0,
            weights.inputs(),
            weights.outputs(),
            sharing,
            packing.bits(),
            packing.group(),
            packing.mins()),
        Grids.groups(groups, WARPS * MmaTile.WARP));
  }

  /** Whether {@link #launchGated} takes a product: a warp has rows of it, not parts of them. */
  static boolean gates(PackedWeights weights) {
    return weights.packing().ints(weights.inputs()) < LONG;
  }

  /** The product with gate and up, and SwiGLU of it. */
  static void launchGated(
      KernelGraph graph, ActiveRows rows, Reals input, PackedWeights weights, Reals gated) {
    Packing packing = weights.packing();
    int width = weights.outputs() / 2;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.GATE_UP, packing.id()),
            MmaPackedGemv::gate,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.numbers(),
            weights.scales().halfs(),
            gated.halfs(),
            weights.inputs(),
            width,
            packing.bits(),
            packing.group(),
            packing.mins()),
        Grids.groups(Math.ceilDiv(width, OUTPUTS / 2 * WARPS), WARPS * MmaTile.WARP));
  }

  /**
   * {@code output[o] = weights[o] · input}, added to what is there if {@code add} is 1.
   *
   * @param sharing warps that share outputs: all of a work-group, or 1
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      IntArray numbers,
      HalfFloatArray scales,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int sharing,
      int bits,
      int group,
      int mins) {
    float[] shares = context.allocateFloatLocalArray(WARPS * OUTPUTS);
    int item = context.localIdx;
    int lane = item & (MmaTile.WARP - 1);
    int warp = item / MmaTile.WARP;
    int first = (context.groupIdx * WARPS + warp) / sharing * OUTPUTS;
    if (active.get(count) > 0) {
      // All warps go through the same rounds, for the barrier; past the end they read again.
      int[] rows = new int[OUTPUTS];
      for (int i = 0; i < OUTPUTS; i++) {
        rows[i] = TornadoMath.min(first + i, outputs - 1);
      }
      float[] sums = new float[OUTPUTS];
      int part = warp % sharing;
      dots(
          context, input, numbers, scales, rows, inputs, lane, part, sharing, bits, group, mins,
          sums);
      float sumA = context.simdSum(sums[0]);
      float sumB = context.simdSum(sums[1]);
      float sumC = context.simdSum(sums[2]);
      float sumD = context.simdSum(sums[3]);
      if (lane == 0) {
        shares[warp * OUTPUTS] = sumA;
        shares[warp * OUTPUTS + 1] = sumB;
        shares[warp * OUTPUTS + 2] = sumC;
        shares[warp * OUTPUTS + 3] = sumD;
      }
      context.localBarrier();
      int o = first + lane;
      if (warp % sharing == 0 && lane < OUTPUTS && o < outputs) {
        float sum = 0;
        for (int w = 0; w < sharing; w++) {
          sum += shares[(warp + w) * OUTPUTS + lane];
        }
        if (add == 1) {
          sum += output.get(o);
        }
        output.set(o, sum);
      }
    }
  }

  /**
   * {@code gated[o] = silu(weights[o] · input) * (weights[width + o] · input)}.
   *
   * @param gated {@code [width]}
   */
  static void gate(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      IntArray numbers,
      HalfFloatArray scales,
      HalfFloatArray gated,
      int inputs,
      int width,
      int bits,
      int group,
      int mins) {
    int item = context.localIdx;
    int lane = item & (MmaTile.WARP - 1);
    int first = (context.groupIdx * WARPS + item / MmaTile.WARP) * (OUTPUTS / 2);
    if (active.get(count) > 0) {
      int[] rows = new int[OUTPUTS];
      for (int i = 0; i < OUTPUTS / 2; i++) {
        rows[i] = TornadoMath.min(first + i, width - 1);
        rows[OUTPUTS / 2 + i] = width + TornadoMath.min(first + i, width - 1);
      }
      float[] sums = new float[OUTPUTS];
      dots(context, input, numbers, scales, rows, inputs, lane, 0, 1, bits, group, mins, sums);
      float gateA = context.simdSum(sums[0]);
      float gateB = context.simdSum(sums[1]);
      float upA = context.simdSum(sums[2]);
      float upB = context.simdSum(sums[3]);
      if (lane == 0 && first < width) {
        gated.set(first, new HalfFloat(SwiGlu.gated(gateA, upA)));
      }
      if (lane == 0 && first + 1 < width) {
        gated.set(first + 1, new HalfFloat(SwiGlu.gated(gateB, upB)));
      }
    }
  }

  /** A lane's part of the products of some rows of weights with the input. */
  private static void dots(
      KernelContext context,
      HalfFloatArray input,
      IntArray numbers,
      HalfFloatArray scales,
      int[] rows,
      int inputs,
      int lane,
      int part,
      int sharing,
      int bits,
      int group,
      int mins,
      float[] sums) {
    int each = 32 / bits;
    int ints = inputs / each;
    int groups = inputs / group;
    int steps = (ints + RUN - 1) / RUN;
    int[] packed = new int[2 * OUTPUTS];
    float[] x = new float[MOST];
    for (int i = 0; i < OUTPUTS; i++) {
      sums[i] = 0;
    }
    for (int step = part; step < steps + part; step += sharing) {
      int k = step * RUN + lane;
      for (int u = 0; u < 2; u++) {
        int at = TornadoMath.min(k + u * MmaTile.WARP, ints - 1);
        for (int i = 0; i < OUTPUTS; i++) {
          packed[u * OUTPUTS + i] = numbers.get(rows[i] * ints + at);
        }
      }
      // Else NVRTC saves registers, and has one load under way at a time.
      context.localBarrier();
      for (int u = 0; u < 2; u++) {
        int at = TornadoMath.min(k + u * MmaTile.WARP, ints - 1);
        float live = k + u * MmaTile.WARP < ints ? 1f : 0f;
        float total = load(input, at * each, live, bits, x);
        int g = at * each / group;
        for (int i = 0; i < OUTPUTS; i++) {
          float dot = dot(packed[u * OUTPUTS + i], x, bits);
          int scale = rows[i] * groups + g;
          if (mins == 1) {
            Half2 both = scales.getHalf2(2 * scale);
            sums[i] += Half2.lowFloat(both) * dot - Half2.highFloat(both) * total;
          } else if (bits == 4) {
            sums[i] += scales.get(scale).getFloat32() * (dot - Packing.OFFSET * total);
          } else {
            sums[i] += scales.get(scale).getFloat32() * dot;
          }
        }
      }
    }
  }

  /**
   * Loads the inputs of an int, as they are to be multiplied.
   *
   * @param from the first
   * @param live 0 if they do not count, else 1
   * @return their sum
   */
  private static float load(HalfFloatArray input, int from, float live, int bits, float[] x) {
    Half2 first = input.getHalf2(from);
    Half2 second = input.getHalf2(from + 2);
    x[0] = Half2.lowFloat(first) * live;
    x[1] = Half2.highFloat(first) * live;
    x[2] = Half2.lowFloat(second) * live;
    x[3] = Half2.highFloat(second) * live;
    float total = x[0] + x[1] + x[2] + x[3];
    if (bits == 4) {
      Half2 third = input.getHalf2(from + 4);
      Half2 fourth = input.getHalf2(from + 6);
      x[4] = Half2.lowFloat(third) * live;
      x[5] = Half2.highFloat(third) * live;
      x[6] = Half2.lowFloat(fourth) * live;
      x[7] = Half2.highFloat(fourth) * live;
      total += x[4] + x[5] + x[6] + x[7];
      float smaller = 1f / (1 << APART);
      x[1] *= smaller;
      x[3] *= smaller;
      x[5] *= smaller;
      x[7] *= smaller;
    }
    return total;
  }

  /** The stored numbers of an int times inputs from {@link #load}. */
  private static float dot(int packed, float[] x, int bits) {
    if (bits == 4) {
      return nibbles(packed, x[0], x[1])
          + nibbles(packed >> 4, x[2], x[3])
          + nibbles(packed >> 8, x[4], x[5])
          + nibbles(packed >> 12, x[6], x[7]);
    }
    return Packing.number(packed, 0, 8) * x[0]
        + Packing.number(packed, 1, 8) * x[1]
        + Packing.number(packed, 2, 8) * x[2]
        + Packing.number(packed, 3, 8) * x[3];
  }

  /**
   * The lowest nibble, and the one {@link #APART} bits above it, times their inputs: both become
   * one float, of which {@link #ROUNDS_OFF} tells the upper.
   */
  private static float nibbles(int packed, float x, float upperX) {
    float both = packed & 0x000F000F;
    float upper = (both + ROUNDS_OFF) - ROUNDS_OFF;
    return (both - upper) * x + upper * upperX;
  }
}
