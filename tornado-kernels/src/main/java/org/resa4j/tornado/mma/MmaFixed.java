package org.resa4j.tornado.mma;

import org.resa4j.tornado.array.Reals;
import org.resa4j.tornado.graph.Grids;
import org.resa4j.tornado.graph.KernelGraph;
import org.resa4j.tornado.graph.Stage;
import org.resa4j.tornado.layer.ActiveRows;
import org.resa4j.tornado.layer.Packing;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * A row of inputs in fixed point, for products with whole numbers: CUDA backend, which multiplies
 * and adds four bytes at a time ({@code dp4a}).
 *
 * <p>Of {@link #GROUP} inputs the largest is {@link #LARGEST} units; each is so many units, 256
 * times a signed byte and another. What is lost is at most half a unit, a sixteenth of what
 * rounding the largest to fp16 loses.
 *
 * <p>Bytes lie as numbers do in an int of weights: of a row of {@code n} ints of weights the upper
 * bytes are ints 0 to n - 1, then come the lower bytes. Nibbles are masked out of an int twice, the
 * lower four bits of its bytes and the upper four: for the upper ones both come once more.
 *
 * @param bytes {@code [inputs / 2]} ints
 * @param units {@code [inputs / GROUP]}, the size of a unit
 */
record MmaFixed(IntArray bytes, FloatArray units) {
  /** Inputs that have a unit in common. */
  static final int GROUP = 32;

  private static final int LARGEST = 127 * 256;
  private static final int ITEMS = 128;

  /** Adds up a word of bytes, by {@code dp4a}. */
  static final int ONES = 0x01010101;

  void launch(
      KernelGraph graph, Stage stage, ActiveRows rows, Reals input, int inputs, Packing packing) {
    graph.add(
        TaskPackage.createPackage(
            graph.id(stage, "Fixed" + packing.id()),
            MmaFixed::convert,
            graph.context(),
            rows.header(),
            rows.count(),
            input.halfs(),
            bytes,
            units,
            inputs,
            packing.bits()),
        Grids.groups(Math.ceilDiv(packing.ints(inputs), ITEMS), ITEMS));
  }

  /** An item for each int of a row of weights. */
  static void convert(
      KernelContext context,
      IntArray active,
      int count,
      HalfFloatArray input,
      IntArray bytes,
      FloatArray units,
      int inputs,
      int bits) {
    int k = context.groupIdx * ITEMS + context.localIdx;
    int each = 32 / bits;
    int ints = inputs / each;
    if (active.get(count) > 0 && k < ints) {
      int group = k * each / GROUP;
      float most = 0;
      // NaN if one of them is not finite: the largest alone would pass over NaN.
      float fault = 0;
      for (int i = 0; i < GROUP; i += 2) {
        Half2 pair = input.getHalf2(group * GROUP + i);
        float low = Half2.lowFloat(pair);
        float high = Half2.highFloat(pair);
        most = TornadoMath.max(most, TornadoMath.max(TornadoMath.abs(low), TornadoMath.abs(high)));
        fault += low * 0f + high * 0f;
      }
      float perUnit = most > 0 ? LARGEST / most : 0f;
      if (k * each == group * GROUP) {
        units.set(group, most / LARGEST + fault);
      }
      for (int word = 0; word < each / 4; word++) {
        int upper = 0;
        int lower = 0;
        for (int b = 0; b < 4; b++) {
          int i = (b & 1) * (each / 2) + word * 2 + b / 2;
          float value = input.get(k * each + i).getFloat32();
          // Rounded, as what is cast is positive.
          int whole = (int) (value * perUnit + 32768.5f) - 32768;
          int up = (whole + 128) >> 8;
          upper |= (up & 255) << (8 * b);
          lower |= ((whole - 256 * up) & 255) << (8 * b);
        }
        bytes.set(word * 2 * ints + k, upper);
        bytes.set(word * 2 * ints + ints + k, lower);
      }
    }
  }
}
