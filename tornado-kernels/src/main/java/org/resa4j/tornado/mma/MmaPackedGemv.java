package org.resa4j.tornado.mma;

import static uk.ac.manchester.tornado.api.utils.QuantizationUtils.dp4a_packed;

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
 * Matrix products of quantised weights and a single row in fixed point: CUDA backend, fp16 scales,
 * sums of an int's numbers exact, all others in fp32. A warp has {@link #OUTPUTS} outputs, so that
 * what it reads of the input, more than of the weights, serves them all; a lane has two ints of
 * each under way. Of few outputs and of long rows the warps of a work-group have a part each.
 *
 * <p>GPUs convert few ints to floats at a time, and have no time for an operation on each number:
 * whole numbers are multiplied four at a time.
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

  /** Ints of the input for an int of nibbles: upper and lower bytes, twice. */
  private static final int WORDS = 4;

  /** The lower nibble of each byte. */
  private static final int NIBBLES = 0x0F0F0F0F;

  private MmaPackedGemv() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      MmaFixed fixed,
      PackedWeights weights,
      FloatArray output,
      boolean add) {
    fixed.launch(graph, stage, rows, input, weights.inputs(), weights.packing());
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
            fixed.bytes(),
            fixed.units(),
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
      KernelGraph graph,
      ActiveRows rows,
      Reals input,
      MmaFixed fixed,
      PackedWeights weights,
      Reals gated) {
    fixed.launch(graph, Stage.GATE_UP, rows, input, weights.inputs(), weights.packing());
    Packing packing = weights.packing();
    int width = weights.outputs() / 2;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.GATE_UP, packing.id()),
            MmaPackedGemv::gate,
            graph.context(),
            rows.header(),
            rows.count(),
            fixed.bytes(),
            fixed.units(),
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
   * @param input in fixed point, as {@link MmaFixed} has it
   * @param sharing warps that share outputs: all of a work-group, or 1
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      IntArray input,
      FloatArray units,
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
          context, input, units, numbers, scales, rows, inputs, lane, part, sharing, bits, group,
          mins, sums);
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
      IntArray input,
      FloatArray units,
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
      dots(
          context, input, units, numbers, scales, rows, inputs, lane, 0, 1, bits, group, mins,
          sums);
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
      IntArray input,
      FloatArray units,
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
    float[] scale = new float[2 * OUTPUTS];
    float[] min = new float[2 * OUTPUTS];
    int[] x = new int[WORDS];
    for (int i = 0; i < OUTPUTS; i++) {
      sums[i] = 0;
    }
    for (int step = part; step < steps + part; step += sharing) {
      int k = step * RUN + lane;
      for (int u = 0; u < 2; u++) {
        int at = TornadoMath.min(k + u * MmaTile.WARP, ints - 1);
        int g = at * each / group;
        for (int i = 0; i < OUTPUTS; i++) {
          packed[u * OUTPUTS + i] = numbers.get(rows[i] * ints + at);
          if (mins == 1) {
            Half2 both = scales.getHalf2(2 * (rows[i] * groups + g));
            scale[u * OUTPUTS + i] = Half2.lowFloat(both);
            min[u * OUTPUTS + i] = Half2.highFloat(both);
          } else {
            scale[u * OUTPUTS + i] = scales.get(rows[i] * groups + g).getFloat32();
          }
        }
      }
      // Else NVRTC saves registers, and has one load under way at a time.
      context.localBarrier();
      for (int u = 0; u < 2; u++) {
        int at = TornadoMath.min(k + u * MmaTile.WARP, ints - 1);
        float unit = k + u * MmaTile.WARP < ints ? units.get(at * each / MmaFixed.GROUP) : 0f;
        for (int w = 0; w < each / 2; w++) {
          x[w] = input.get(w * ints + at);
        }
        int total = 0;
        if (mins == 1 || bits == 4) {
          total = total(x, bits);
        }
        for (int i = 0; i < OUTPUTS; i++) {
          int dot = dot(packed[u * OUTPUTS + i], x, bits);
          if (mins == 1) {
            float least = min[u * OUTPUTS + i] * total;
            sums[i] += (scale[u * OUTPUTS + i] * dot - least) * unit;
          } else if (bits == 4) {
            sums[i] += scale[u * OUTPUTS + i] * unit * (dot - Packing.OFFSET * total);
          } else {
            sums[i] += scale[u * OUTPUTS + i] * unit * dot;
          }
        }
      }
    }
  }

  /** The stored numbers of an int times their inputs, in units. */
  private static int dot(int packed, int[] x, int bits) {
    if (bits == 4) {
      int even = packed & NIBBLES;
      int odd = (packed >> 4) & NIBBLES;
      int upper = dp4a_packed(odd, x[2], dp4a_packed(even, x[0], 0));
      int lower = dp4a_packed(odd, x[3], dp4a_packed(even, x[1], 0));
      return upper * 256 + lower;
    }
    return dp4a_packed(packed, x[0], 0) * 256 + dp4a_packed(packed, x[1], 0);
  }

  /** The sum of an int's inputs, in units. */
  private static int total(int[] x, int bits) {
    int upper = dp4a_packed(MmaFixed.ONES, x[0], 0);
    int lower = dp4a_packed(MmaFixed.ONES, x[1], 0);
    if (bits == 4) {
      upper = dp4a_packed(MmaFixed.ONES, x[2], upper);
      lower = dp4a_packed(MmaFixed.ONES, x[3], lower);
    }
    return upper * 256 + lower;
  }
}
