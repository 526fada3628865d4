package org.resa4j.tornado.mma;

import org.resa4j.tornado.group.GroupAttend;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * Tiles of fp16 values in local memory, two to an int, and where the lanes of a warp find them for
 * {@code m16n8k16} products: CUDA backend.
 *
 * <p>Rows have d/2 + 4 ints, so that eight rows lie in different banks. TornadoVM's {@code mmaLoad}
 * methods add a lane's place in a tile without padding; the offsets here put that right.
 *
 * <p>Fragments are opaque in TornadoVM. Accumulators come out through {@code mmaStore} into private
 * memory, which the device's compiler turns into registers: {@link #FRAGMENT} pairs for each, of
 * which a lane's are {@link #UPPER} and {@link #LOWER}.
 */
final class MmaTile {
  /** Work-items that compute one product together. */
  static final int WARP = 32;

  /** An int holds two values; 16 bytes of padding. */
  static final int PADDING = 4;

  /** Ints of a row of the largest head dimension. */
  static final int MAX_STRIDE = GroupAttend.MAX_HEAD_DIM / 2 + PADDING;

  /** Pairs of private memory for a lane's four values of an accumulator. */
  static final int FRAGMENT = 8;

  /** Values of row {@code lane / 4} and columns {@code lane % 4 * 2}, {@code + 1}. */
  static final int UPPER = 2;

  /** The same of row {@code lane / 4 + 8}. */
  static final int LOWER = 6;

  private MmaTile() {}

  /** Byte offset for {@code mmaLoadA} of 16 rows of {@code stride} ints, 16 values of each. */
  static int rowsA(int lane, int stride) {
    return (lane & 15) * (stride * 4 - 32);
  }

  /** Byte offset for {@code mmaLoadB} of 16 rows of {@code stride} ints, 8 values of each. */
  static int rowsB(int lane, int stride) {
    return (lane & 15) * (stride * 4 - 16);
  }

  /**
   * Byte offset for {@code mmaLoadA} of 8 rows of {@code stride} ints, 16 values of each, to be the
   * B of a product: its columns are the rows here. Only the lanes below 16 count.
   */
  static int rowsOfB(int lane, int stride) {
    int row = lane & 7;
    int half = (lane >> 3) & 1;
    return row * stride * 4 + half * 16 - (half * 8 + row) * 32 - (lane >> 4) * 16;
  }

  /**
   * Starts copying a row of {@code pairs} ints to index {@code to} of a tile. All bounds are
   * constants to the compiler, so that nothing is left of the loop.
   */
  static void copyRow(
      KernelContext context,
      int lane,
      int[] tile,
      int to,
      HalfFloatArray array,
      int from,
      int pairs) {
    for (int c = 0; c < pairs; c += WARP) {
      int j = c + lane;
      if (j < pairs) {
        context.asyncCopyToLocal(tile, to + j, array, from + j * 2);
      }
    }
  }

  /** Two values as fp16, the first in the low bits. */
  static int pack(float x, float y) {
    Half2 pair = Half2.fromFloats(x, y);
    Half2 zero = Half2.fromFloats(0f, 0f);
    // TornadoVM reads the bits of a result, not of a vector's element: hence the sums.
    HalfFloat low = HalfFloat.add(pair.getX(), zero.getX());
    HalfFloat high = HalfFloat.add(pair.getY(), zero.getY());
    return (low.getHalfFloatValue() & 0xffff) | ((high.getHalfFloatValue() & 0xffff) << 16);
  }

  /**
   * A value rounded to the 11 bits of fp16's significand. Only the first step is a product, by a
   * power of two: one fused with the sum after it would lose nothing, and so round nothing.
   */
  static float rounded(float x) {
    float scaled = x * 8192f + x;
    return scaled - (scaled - x);
  }

  /** The largest value among the lanes of equal {@code lane % 4}, in lanes 0 to 3. */
  static float maxOfColumns(KernelContext context, float x) {
    float most = TornadoMath.max(x, context.simdShuffleDown(x, 16));
    most = TornadoMath.max(most, context.simdShuffleDown(most, 8));
    return TornadoMath.max(most, context.simdShuffleDown(most, 4));
  }
}
