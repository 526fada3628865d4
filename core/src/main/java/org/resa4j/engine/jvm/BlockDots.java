package org.resa4j.engine.jvm;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dot products of a quantised row with fp32, one method for each layout of blocks: the numbers of a
 * group are multiplied as they are unpacked, each byte once for all that it holds, and the group's
 * scale is applied to the sums in the lanes. What numbers are too large by, and minima, are left to
 * {@link PanamaBlocks}.
 *
 * <p>A vector that goes into or out of a method that is not inlined is an object. So whole rows are
 * computed in one method, what it calls is tiny, and each access stands in it once, in a loop that
 * is unrolled: the compiler stops inlining at a number of nodes, of which an access to memory has
 * hundreds.
 */
final class BlockDots {
  static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  static final int LANES = F.length();
  private static final VectorSpecies<Integer> I = F.withLanes(int.class);
  private static final VectorSpecies<Byte> B =
      LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
  private static final IntVector LANE = IntVector.zero(I).addIndex(1);

  /** Whether vectors have as many lanes as half a group has, or half as many. */
  static final boolean FITS = LANES == 8 || LANES == 16;

  private BlockDots() {}

  static float half(MemorySegment rows, long at) {
    return Float.float16ToFloat(rows.get(SHORT, at));
  }

  static int int32(MemorySegment rows, long at) {
    return rows.get(INT, at);
  }

  static FloatVector floats(IntVector numbers) {
    return (FloatVector) numbers.convertShape(I2F, F, 0);
  }

  static IntVector signed(MemorySegment rows, long at) {
    return (IntVector) ByteVector.fromMemorySegment(B, rows, at, LE).convertShape(B2I, I, 0);
  }

  static IntVector bytes(MemorySegment rows, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(B, rows, at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
  }

  private static FloatVector times(IntVector numbers, float[] x, int at, FloatVector sum) {
    return floats(numbers).fma(FloatVector.fromArray(F, x, at), sum);
  }

  private static FloatVector product(IntVector numbers, float[] x, int at) {
    return floats(numbers).mul(FloatVector.fromArray(F, x, at));
  }

  private static int int8(MemorySegment rows, long at) {
    return rows.get(ValueLayout.JAVA_BYTE, at);
  }

  private static FloatVector scaled(FloatVector sums, float scale, FloatVector sum) {
    return sums.fma(FloatVector.broadcast(F, scale), sum);
  }

  static float q8(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 32, block += 34) {
      FloatVector group = FloatVector.zero(F);
      for (int k = 0; k < 32; k += LANES) {
        group = times(signed(rows, block + 2 + k), x, at + k, group);
      }
      sum = scaled(group, half(rows, block), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** Q4_0 and Q4_1: two numbers in a byte, 16 apart, after a head. */
  static float q4(MemorySegment rows, long row, int width, int head, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 32, block += head + 16) {
      FloatVector group = FloatVector.zero(F);
      for (int k = 0; k < 16; k += LANES) {
        IntVector both = bytes(rows, block + head + k);
        group = times(both.and(15), x, at + k, group);
        group = times(both.lanewise(LSHR, 4), x, at + 16 + k, group);
      }
      sum = scaled(group, half(rows, block), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** Q5_0 and Q5_1: the same, with fifth bits before them. */
  static float q5(MemorySegment rows, long row, int width, int head, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 32, block += head + 16) {
      FloatVector group = FloatVector.zero(F);
      int fifth = int32(rows, block + head - 4);
      for (int k = 0; k < 16; k += LANES) {
        IntVector both = bytes(rows, block + head + k);
        IntVector high = both.lanewise(LSHR, 4);
        group = times(both.and(15).or(fifth(fifth >>> k)), x, at + k, group);
        group = times(high.or(fifth(fifth >>> 16 + k)), x, at + 16 + k, group);
      }
      sum = scaled(group, half(rows, block), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** One bit for each lane, in the fifth place. */
  static IntVector fifth(int bits) {
    return IntVector.broadcast(I, bits).lanewise(LSHR, LANE).and(1).lanewise(LSHL, 4);
  }

  /** Q4_K: two numbers in a byte, 32 apart; 8 scales of 6 bits. */
  static float q4k(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 256, block += 144) {
      long scales = scales(rows, block + 4);
      FloatVector groups = FloatVector.zero(F);
      for (int g = 0; g < 8; g += 2, scales >>>= 16) {
        FloatVector low = FloatVector.zero(F);
        FloatVector high = low;
        for (int k = 0; k < 32; k += LANES) {
          IntVector both = bytes(rows, block + 16 + 16L * g + k);
          low = times(both.and(15), x, at + 32 * g + k, low);
          high = times(both.lanewise(LSHR, 4), x, at + 32 * g + 32 + k, high);
        }
        groups = scaled(low, (int) scales & 63, groups);
        groups = scaled(high, (int) scales >>> 8 & 63, groups);
      }
      sum = scaled(groups, half(rows, block), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** Q5_K: the same, with a byte of fifth bits for each eighth element. */
  static float q5k(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 256, block += 176) {
      long scales = scales(rows, block + 4);
      FloatVector groups = FloatVector.zero(F);
      for (int g = 0; g < 8; g++, scales >>>= 8) {
        FloatVector group = FloatVector.zero(F);
        for (int k = 0; k < 32; k += LANES) {
          IntVector low = bytes(rows, block + 48 + 32L * (g >> 1) + k);
          IntVector fifth = bytes(rows, block + 16 + k).lanewise(LSHR, g).and(1);
          IntVector numbers = low.lanewise(LSHR, 4 * (g & 1)).and(15);
          group = times(numbers.or(fifth.lanewise(LSHL, 4)), x, at + 32 * g + k, group);
        }
        groups = scaled(group, (int) scales & 63, groups);
      }
      sum = scaled(groups, half(rows, block), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** Q6_K: the lower four bits, two numbers in a byte, and the upper two, four in a byte. */
  static float q6k(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int at = x0; at < x0 + width; at += 256, block += 210) {
      FloatVector groups = FloatVector.zero(F);
      for (int i = 0; i < 256; i += LANES) {
        int half = i >> 7;
        int quarter = i >> 5 & 3;
        IntVector low =
            bytes(rows, block + 64L * half + (i & 63)).lanewise(LSHR, 2 * (quarter & 2)).and(15);
        IntVector upper = bytes(rows, block + 128 + 32L * half + (i & 31));
        IntVector numbers =
            upper.lanewise(LSHR, 2 * quarter).and(3).lanewise(LSHL, 4).or(low).sub(32);
        groups = scaled(product(numbers, x, at + i), int8(rows, block + 192 + (i >> 4)), groups);
      }
      sum = scaled(groups, half(rows, block + 208), sum);
    }
    return sum.reduceLanes(ADD);
  }

  /** The 8 scales of Q4_K and Q5_K, a byte each. */
  static long scales(MemorySegment rows, long at) {
    int first = int32(rows, at);
    int low = first & 0x3f3f3f3f;
    int high = int32(rows, at + 8) & 0x0f0f0f0f | first >>> 2 & 0x30303030;
    return (long) high << 32 | low & 0xFFFF_FFFFL;
  }

  /** Their minima. */
  static long mins(MemorySegment rows, long at) {
    int first = int32(rows, at + 4);
    int low = first & 0x3f3f3f3f;
    int high = int32(rows, at + 8) >>> 4 & 0x0f0f0f0f | first >>> 2 & 0x30303030;
    return (long) high << 32 | low & 0xFFFF_FFFFL;
  }
}
