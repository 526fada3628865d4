package org.resa4j.tornado.mma;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PlainWeights;
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
 * Matrix products of a single row: CUDA backend, fp16 weights and input, sums in fp32. Bound by the
 * reading of the weights, and so without tensor cores: a warp reads a row of weights, two values a
 * lane, eight such loads under way; of long rows several warps have a part each.
 *
 * <p>Measured on an NVIDIA H100 with weights of Qwen2.5-7B's shape, {@code LayerBenchmark}: gate
 * and up 95 us, down 50, head 374, 2.7 to 2.9 TB/s.
 */
final class MmaGemv {
  /** Work-groups of so many warps, each with an output of its own ... */
  private static final int WARPS = 4;

  /** ... or of so many that share one, where rows are long. */
  private static final int SHARING_WARPS = 8;

  private static final int LONG = 8192;

  /** Values that a warp reads with one load of each lane. */
  private static final int LOAD = 2 * MmaTile.WARP;

  /** Values that it has under way. */
  private static final int RUN = 8 * LOAD;

  private MmaGemv() {}

  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PlainWeights weights,
      FloatArray output,
      boolean add) {
    boolean shared = weights.inputs() >= LONG;
    int warps = shared ? SHARING_WARPS : WARPS;
    int sharing = shared ? SHARING_WARPS : 1;
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage),
            MmaGemv::multiply,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.values().halfs(),
            output,
            add ? 1 : 0,
            weights.inputs(),
            weights.outputs(),
            warps,
            sharing),
        Grids.groups(Math.ceilDiv(weights.outputs() * sharing, warps), warps * MmaTile.WARP));
  }

  /** Whether {@link #launchGated} takes a product: a warp has a row of it, not several. */
  static boolean gates(PlainWeights weights) {
    return weights.inputs() < LONG;
  }

  /** The product with gate and up, and SwiGLU of it. */
  static void launchGated(
      KernelGraph graph, ActiveRows rows, Reals input, PlainWeights weights, Reals gated) {
    int width = weights.outputs() / 2;
    graph.add(
        TaskPackage.createPackage(
            graph.id(Stage.GATE_UP),
            MmaGemv::gate,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.values().halfs(),
            gated.halfs(),
            weights.inputs(),
            width),
        Grids.groups(Math.ceilDiv(2 * width, WARPS), WARPS * MmaTile.WARP));
  }

  /**
   * {@code output[o] = weights[o] · input}, added to what is there if {@code add} is 1.
   *
   * @param inputs a multiple of {@link #LOAD}
   * @param warps of a work-group
   * @param sharing warps that share an output: all of a work-group, or 1
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      HalfFloatArray weights,
      FloatArray output,
      int add,
      int inputs,
      int outputs,
      int warps,
      int sharing) {
    float[] shares = context.allocateFloatLocalArray(SHARING_WARPS);
    int item = context.localIdx;
    int lane = item & (MmaTile.WARP - 1);
    int warp = item / MmaTile.WARP;
    int o = (context.groupIdx * warps + warp) / sharing;
    if (active.get(count) > 0) {
      int part = warp % sharing;
      // All warps go through the same rounds, for the barrier; past the end they read again.
      int row = TornadoMath.min(o, outputs - 1) * inputs;
      float sum = dot(context, input, weights, row, inputs, lane, part, sharing);
      if (sharing > 1) {
        if (lane == 0) {
          shares[warp] = sum;
        }
        context.localBarrier();
        sum = 0;
        for (int w = 0; w < sharing; w++) {
          sum += shares[w];
        }
      }
      if (lane == 0 && part == 0 && o < outputs) {
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
   * @param weights {@code [2][width][inputs]}: gate, then up
   * @param gated {@code [width]}
   */
  static void gate(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      HalfFloatArray weights,
      HalfFloatArray gated,
      int inputs,
      int width) {
    float[] products = context.allocateFloatLocalArray(WARPS);
    int item = context.localIdx;
    int lane = item & (MmaTile.WARP - 1);
    int warp = item / MmaTile.WARP;
    int o = context.groupIdx * (WARPS / 2) + warp / 2;
    if (active.get(count) > 0) {
      int row = ((warp & 1) * width + TornadoMath.min(o, width - 1)) * inputs;
      float product = dot(context, input, weights, row, inputs, lane, 0, 1);
      if (lane == 0) {
        products[warp] = product;
      }
      context.localBarrier();
      if (lane == 0 && (warp & 1) == 0 && o < width) {
        gated.set(o, new HalfFloat(SwiGlu.gated(products[warp], products[warp + 1])));
      }
    }
  }

  /**
   * A warp's part of the product of a row of weights, from {@code row} on, and the input; the same
   * in all lanes.
   */
  private static float dot(
      KernelContext context,
      HalfFloatArray input,
      HalfFloatArray weights,
      int row,
      int inputs,
      int lane,
      int part,
      int sharing) {
    int runs = inputs / RUN;
    int whole = runs * RUN;
    float sum = 0;
    for (int run = part; run < runs + part; run += sharing) {
      int i = TornadoMath.min(run, runs - 1) * RUN + lane * 2;
      Half2 w0 = weights.getHalf2(row + i);
      Half2 w1 = weights.getHalf2(row + i + LOAD);
      Half2 w2 = weights.getHalf2(row + i + 2 * LOAD);
      Half2 w3 = weights.getHalf2(row + i + 3 * LOAD);
      Half2 w4 = weights.getHalf2(row + i + 4 * LOAD);
      Half2 w5 = weights.getHalf2(row + i + 5 * LOAD);
      Half2 w6 = weights.getHalf2(row + i + 6 * LOAD);
      Half2 w7 = weights.getHalf2(row + i + 7 * LOAD);
      // Else NVRTC saves registers, and has one load under way at a time: twice as slow.
      context.localBarrier();
      Half2 x0 = input.getHalf2(i);
      Half2 x1 = input.getHalf2(i + LOAD);
      Half2 x2 = input.getHalf2(i + 2 * LOAD);
      Half2 x3 = input.getHalf2(i + 3 * LOAD);
      Half2 x4 = input.getHalf2(i + 4 * LOAD);
      Half2 x5 = input.getHalf2(i + 5 * LOAD);
      Half2 x6 = input.getHalf2(i + 6 * LOAD);
      Half2 x7 = input.getHalf2(i + 7 * LOAD);
      float more = 0;
      more += Half2.lowFloat(w0) * Half2.lowFloat(x0) + Half2.highFloat(w0) * Half2.highFloat(x0);
      more += Half2.lowFloat(w1) * Half2.lowFloat(x1) + Half2.highFloat(w1) * Half2.highFloat(x1);
      more += Half2.lowFloat(w2) * Half2.lowFloat(x2) + Half2.highFloat(w2) * Half2.highFloat(x2);
      more += Half2.lowFloat(w3) * Half2.lowFloat(x3) + Half2.highFloat(w3) * Half2.highFloat(x3);
      more += Half2.lowFloat(w4) * Half2.lowFloat(x4) + Half2.highFloat(w4) * Half2.highFloat(x4);
      more += Half2.lowFloat(w5) * Half2.lowFloat(x5) + Half2.highFloat(w5) * Half2.highFloat(x5);
      more += Half2.lowFloat(w6) * Half2.lowFloat(x6) + Half2.highFloat(w6) * Half2.highFloat(x6);
      more += Half2.lowFloat(w7) * Half2.lowFloat(x7) + Half2.highFloat(w7) * Half2.highFloat(x7);
      if (run < runs) {
        sum += more;
      }
    }
    for (int i = whole + part * LOAD + lane * 2; i < inputs; i += sharing * LOAD) {
      Half2 w = weights.getHalf2(row + i);
      Half2 x = input.getHalf2(i);
      sum += Half2.lowFloat(w) * Half2.lowFloat(x) + Half2.highFloat(w) * Half2.highFloat(x);
    }
    return context.simdSum(sum);
  }
}
