package org.resa4j.tornado.mma;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat2;

/**
 * Matrix products of quantised weights and few rows on tensor cores: CUDA backend, fp16 scales and
 * input, sums in fp32. A work-group has {@link #OUTPUTS} outputs, 16 to a warp, whose numbers come
 * as ints side by side and go as fp16 into local memory.
 *
 * <p>No arithmetic makes fp16 of them: bits of a number below those of 1024 are 1024 and the
 * number. So much too large, groups of 32 are multiplied; a product of ones has the input's sums,
 * with which the excess, and minima, are taken off again where a group's scale is applied.
 */
final class MmaPackedLinear {
  private static final int WARPS = 4;

  /** Outputs of a warp, and of a work-group. */
  private static final int WARP_OUTPUTS = 16;

  private static final int OUTPUTS = WARPS * WARP_OUTPUTS;

  /** The most rows. */
  static final int MOST_ROWS = 8;

  /** Numbers that have a scale in common. */
  private static final int GROUP = 32;

  /** Groups of a chunk. */
  private static final int GROUPS = 4;

  /** Inputs of a chunk. */
  private static final int CHUNK = GROUPS * GROUP;

  /** Ints of a row of a chunk in local memory. */
  private static final int STRIDE = CHUNK / 2 + MmaTile.PADDING;

  private static final int ONES_STRIDE = 8 + MmaTile.PADDING;

  /** Of weights, of two chunks of the input, and of ones. */
  private static final int TILE_INTS =
      (OUTPUTS + 2 * MOST_ROWS) * STRIDE + WARP_OUTPUTS * ONES_STRIDE;

  /** Two ones, and two times 1024, in fp16. */
  private static final int ONES = 0x3C003C00;

  private static final int EXCESS_BITS = 0x64006400;

  private static final float EXCESS = 1024;

  /** Makes signed bytes unsigned, and what they are too large by then. */
  private static final int SIGNS = 0x80808080;

  private static final int SIGN = 128;

  /** Work-groups that keep the largest GPUs busy. */
  private static final int BUSY = 640;

  /** Chunks of inputs that are worth a work-group. */
  private static final int LEAST_CHUNKS = 4;

  private MmaPackedLinear() {}

  /** Whether it is made for a product. */
  static boolean takes(ActiveRows rows, PackedWeights weights) {
    return rows.most() <= MOST_ROWS && weights.packing().group() == GROUP;
  }

  /**
   * @param sums where the splits' sums go, {@code [split][row][outputs]}; its room bounds their
   *     number
   */
  static void launch(
      KernelGraph graph,
      Stage stage,
      ActiveRows rows,
      Reals input,
      PackedWeights weights,
      FloatArray output,
      boolean add,
      FloatArray sums) {
    Packing packing = weights.packing();
    int outputs = weights.outputs();
    int tiles = Math.ceilDiv(outputs, OUTPUTS);
    int chunks = Math.ceilDiv(weights.inputs(), CHUNK);
    int room = sums.getSize() / (rows.most() * outputs);
    int wanted = Math.min(Math.ceilDiv(BUSY, tiles), chunks / LEAST_CHUNKS);
    int splits = Math.max(1, Math.min(wanted, room));
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, packing.id()),
            MmaPackedLinear::multiply,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            weights.numbers(),
            weights.scales().halfs(),
            output,
            sums,
            add ? 1 : 0,
            weights.inputs(),
            outputs,
            rows.most(),
            splits,
            packing.bits(),
            packing.mins()),
        Grids.groups(tiles * splits, WARPS * MmaTile.WARP));
    if (splits > 1) {
      MmaLinear.launchSplits(graph, stage, rows, sums, output, add, outputs, splits);
    }
  }

  /**
   * {@code output[row][o] = weights[o] · input[row]}, added to what is there if {@code add} is 1.
   *
   * @param sums {@code [split][row][o]}, written instead of the output if there are several splits
   * @param most rows that there is room for
   * @param splits work-groups that share the inputs
   */
  static void multiply(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      IntArray numbers,
      HalfFloatArray scales,
      FloatArray output,
      FloatArray sums,
      int add,
      int inputs,
      int outputs,
      int most,
      int splits,
      int bits,
      int mins) {
    int[] tile = context.allocateIntLocalArray(TILE_INTS);
    int block = context.groupIdx / splits;
    int split = context.groupIdx - block * splits;
    int activeRows = active.get(count);
    if (activeRows > 0) {
      int item = context.localIdx;
      int lane = item & (MmaTile.WARP - 1);
      int warp = item / MmaTile.WARP;
      int first = block * OUTPUTS + warp * WARP_OUTPUTS;
      int pairs = 16 / bits;
      int groups = inputs / GROUP;
      int weightsAt = warp * WARP_OUTPUTS * STRIDE;
      int inputAt = OUTPUTS * STRIDE;
      int inputInts = MOST_ROWS * STRIDE;
      int onesAt = inputAt + 2 * inputInts;
      // Half a warp has a row of nibbles.
      int lanes = CHUNK * bits / 32;
      int together = MmaTile.WARP / lanes;
      int laneRow = lane / lanes;
      int laneInt = lane & (lanes - 1);
      for (int i = item; i < WARP_OUTPUTS * ONES_STRIDE; i += WARPS * MmaTile.WARP) {
        tile[onesAt + i] = ONES;
      }
      context.localBarrier();
      HalfFloat[] ones = context.mmaLoadA(tile, 16, onesAt * 4 + MmaTile.rowsA(lane, ONES_STRIDE));
      int chunks = (inputs + CHUNK - 1) / CHUNK;
      int chunk = chunks * split / splits;
      int last = chunks * (split + 1) / splits;
      int upper = TornadoMath.min(first + (lane >> 2), outputs - 1);
      int lower = TornadoMath.min(first + (lane >> 2) + 8, outputs - 1);
      float excess = EXCESS;
      if (bits == 8) {
        excess += SIGN;
      } else if (mins == 0) {
        excess += Packing.OFFSET;
      }
      int[] packed = new int[WARP_OUTPUTS];
      float[] next = new float[4 * GROUPS];
      float[] scaling = new float[4 * GROUPS];
      float[] total = new float[4];
      for (int i = 0; i < 4; i++) {
        total[i] = 0;
      }
      VectorFloat2 fragments = new VectorFloat2(4 * MmaTile.FRAGMENT);

      loadNumbers(
          numbers,
          packed,
          first + laneRow,
          together,
          chunk * lanes + laneInt,
          inputs * bits / 32,
          outputs);
      loadScales(scales, next, upper, lower, chunk, groups, mins);
      copyInput(context, lane, warp, tile, inputAt, input, chunk, activeRows, inputs);
      context.asyncCopyCommit();
      int slot = 0;
      while (chunk < last) {
        for (int i = 0; i < WARP_OUTPUTS / together; i++) {
          int unsigned = packed[i];
          int mask = 0x000F000F;
          if (bits == 8) {
            unsigned = unsigned ^ SIGNS;
            mask = 0x00FF00FF;
          }
          int rowAt = weightsAt + (i * together + laneRow) * STRIDE;
          for (int j = 0; j < pairs; j++) {
            // Lanes take turns, or several would write to one bank.
            int pair = (j + lane * pairs / MmaTile.WARP) & (pairs - 1);
            int halfs = ((unsigned >> (bits * pair)) & mask) | EXCESS_BITS;
            tile[rowAt + laneInt * pairs + pair] = halfs;
          }
        }
        for (int i = 0; i < 4 * GROUPS; i++) {
          scaling[i] = next[i];
        }
        // Before the barrier, behind which a compiler would put off what is not needed yet.
        if (chunk + 1 < last) {
          loadNumbers(
              numbers,
              packed,
              first + laneRow,
              together,
              (chunk + 1) * lanes + laneInt,
              inputs * bits / 32,
              outputs);
          loadScales(scales, next, upper, lower, chunk + 1, groups, mins);
        }
        context.asyncCopyWaitGroup(0);
        context.localBarrier();
        int inputNow = inputAt + slot * inputInts;
        slot = 1 - slot;
        if (chunk + 1 < last) {
          copyInput(
              context,
              lane,
              warp,
              tile,
              inputAt + slot * inputInts,
              input,
              chunk + 1,
              activeRows,
              inputs);
        }
        context.asyncCopyCommit();
        int w = weightsAt * 4 + MmaTile.rowsA(lane, STRIDE);
        int x = inputNow * 4 + MmaTile.rowsOfB(lane, STRIDE);
        int column = -((lane & 3) << 1);
        for (int g = 0; g < GROUPS; g += 2) {
          // Two groups side by side hide the latency of each other's products.
          int at = g * GROUP * 2;
          HalfFloat[] x0 = context.mmaLoadA(tile, 16, x + at);
          HalfFloat[] w0 = context.mmaLoadA(tile, 16, w + at);
          HalfFloat[] x2 = context.mmaLoadA(tile, 16, x + at + 64);
          HalfFloat[] w2 = context.mmaLoadA(tile, 16, w + at + 64);
          HalfFloat[] x1 = context.mmaLoadA(tile, 16, x + at + 32);
          HalfFloat[] w1 = context.mmaLoadA(tile, 16, w + at + 32);
          HalfFloat[] x3 = context.mmaLoadA(tile, 16, x + at + 96);
          HalfFloat[] w3 = context.mmaLoadA(tile, 16, w + at + 96);
          float[] s = context.mmaFragment(0f);
          float[] t = context.mmaFragment(0f);
          float[] u = context.mmaFragment(0f);
          float[] v = context.mmaFragment(0f);
          s = context.mma(w0, x0, s, MMAShape.M16N8K16);
          t = context.mma(ones, x0, t, MMAShape.M16N8K16);
          u = context.mma(w2, x2, u, MMAShape.M16N8K16);
          v = context.mma(ones, x2, v, MMAShape.M16N8K16);
          s = context.mma(w1, x1, s, MMAShape.M16N8K16);
          t = context.mma(ones, x1, t, MMAShape.M16N8K16);
          u = context.mma(w3, x3, u, MMAShape.M16N8K16);
          v = context.mma(ones, x3, v, MMAShape.M16N8K16);
          context.mmaStore(s, fragments.getArray(), -(lane >> 2), column, 1);
          context.mmaStore(t, fragments.getArray(), 16 - (lane >> 2), column, 1);
          context.mmaStore(u, fragments.getArray(), 32 - (lane >> 2), column, 1);
          context.mmaStore(v, fragments.getArray(), 48 - (lane >> 2), column, 1);
          for (int i = 0; i < 2; i++) {
            if (chunk * GROUPS + g + i < groups) {
              int upperAt = 2 * i * MmaTile.FRAGMENT + MmaTile.UPPER;
              int lowerAt = 2 * i * MmaTile.FRAGMENT + MmaTile.LOWER;
              float left = fragments.get(upperAt + MmaTile.FRAGMENT).getX();
              float right = fragments.get(upperAt + MmaTile.FRAGMENT).getY();
              int scale = 4 * (g + i);
              total[0] =
                  total[0] + scaling[scale] * (fragments.get(upperAt).getX() - excess * left);
              total[1] =
                  total[1] + scaling[scale] * (fragments.get(upperAt).getY() - excess * right);
              total[2] =
                  total[2] + scaling[scale + 1] * (fragments.get(lowerAt).getX() - excess * left);
              total[3] =
                  total[3] + scaling[scale + 1] * (fragments.get(lowerAt).getY() - excess * right);
              if (mins == 1) {
                total[0] = total[0] - scaling[scale + 2] * left;
                total[1] = total[1] - scaling[scale + 2] * right;
                total[2] = total[2] - scaling[scale + 3] * left;
                total[3] = total[3] - scaling[scale + 3] * right;
              }
            }
          }
        }
        chunk = chunk + 1;
      }

      for (int i = 0; i < 4; i++) {
        int o = first + (lane >> 2) + (i & 2) * 4;
        int row = (lane & 3) * 2 + (i & 1);
        if (o < outputs && row < activeRows) {
          float sum = total[i];
          int to = row * outputs + o;
          if (splits > 1) {
            sums.set(split * most * outputs + to, sum);
          } else {
            if (add == 1) {
              sum += output.get(to);
            }
            output.set(to, sum);
          }
        }
      }
    }
  }

  /** A lane's int of its outputs; past the ends of a row and of all, the last. */
  private static void loadNumbers(
      IntArray numbers, int[] packed, int first, int together, int index, int ints, int outputs) {
    int at = TornadoMath.min(index, ints - 1);
    for (int i = 0; i < WARP_OUTPUTS / together; i++) {
      int o = TornadoMath.min(first + i * together, outputs - 1);
      packed[i] = numbers.get(o * ints + at);
    }
  }

  /** Scales, then minima, of a lane's two outputs, for each group of a chunk. */
  private static void loadScales(
      HalfFloatArray scales, float[] to, int upper, int lower, int chunk, int groups, int mins) {
    for (int g = 0; g < GROUPS; g++) {
      int group = TornadoMath.min(chunk * GROUPS + g, groups - 1);
      int upperAt = (upper * groups + group) * (1 + mins);
      int lowerAt = (lower * groups + group) * (1 + mins);
      to[4 * g] = scales.get(upperAt).getFloat32();
      to[4 * g + 1] = scales.get(lowerAt).getFloat32();
      if (mins == 1) {
        to[4 * g + 2] = scales.get(upperAt + 1).getFloat32();
        to[4 * g + 3] = scales.get(lowerAt + 1).getFloat32();
      }
    }
  }

  /** Starts copying a chunk of the active rows, a share of them by each warp. */
  private static void copyInput(
      KernelContext context,
      int lane,
      int warp,
      int[] tile,
      int inputAt,
      HalfFloatArray input,
      int chunk,
      int activeRows,
      int inputs) {
    int column = chunk * CHUNK;
    int share = MOST_ROWS / WARPS;
    for (int r = 0; r < share; r++) {
      int row = warp * share + r;
      if (row < activeRows) {
        for (int c = 0; c < CHUNK / 2 / MmaTile.WARP; c++) {
          int j = c * MmaTile.WARP + lane;
          if (column + 2 * j < inputs) {
            int from = row * inputs + column + 2 * j;
            context.asyncCopyToLocal(tile, inputAt + row * STRIDE + j, input, from);
          }
        }
      }
    }
  }
}
