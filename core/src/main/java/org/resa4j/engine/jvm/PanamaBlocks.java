package org.resa4j.engine.jvm;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.resa4j.model.DType;

/**
 * Rows of the quantised format that the class was defined with, see {@link PanamaOps}. Of one
 * vector at a time, the numbers of each group are multiplied as they are unpacked, and scale and
 * minimum are applied to sums; of several, four rows are widened and used for all of them.
 *
 * <p>Inputs stay in fp32. llama.cpp rounds them to 8 bits, for products that the Vector API has no
 * instruction for: widening bytes to 16 bits, multiplying, and adding up takes it as long as
 * widening to fp32 does.
 */
final class PanamaBlocks implements MatrixOps {
  private static final DType TYPE = type();
  private static final int BLOCK = TYPE.blockLength();
  private static final int BLOCK_BYTES = TYPE.blockBytes();
  private static final int GROUP = TYPE.groupLength();
  private static final VectorSpecies<Float> F = BlockDots.F;
  private static final int LANES = BlockDots.LANES;

  /** Where groups have something taken off, or numbers stand for themselves less a constant. */
  private static final boolean HAS_MIN =
      TYPE != DType.Q8_0 && TYPE != DType.Q6_K && TYPE != DType.Q3_K;

  /**
   * Whether vectors have as many lanes as can be unpacked at once, and the numbers are no table.
   */
  private static final boolean UNPACKS = BlockDots.FITS && TYPE != DType.IQ4_NL;

  /** What a stored number is more than the one that it stands for. */
  private static final float LESS =
      switch (TYPE) {
        case Q4_0 -> 8;
        case Q5_0 -> 16;
        default -> 0;
      };

  /** Bytes before the numbers of a block of 32. */
  private static final int HEAD =
      TYPE == DType.Q4_0 ? 2 : TYPE == DType.Q4_1 ? 4 : TYPE == DType.Q5_0 ? 6 : 8;

  private static final ScalarBlocks PLAIN = new ScalarBlocks(TYPE);

  PanamaBlocks() {}

  private static DType type() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", DType.class);
    } catch (IllegalAccessException e) {
      throw new LinkageError("defined without a number format", e);
    }
  }

  @Override
  public void multiply(
      MemorySegment rows,
      long offset,
      int count,
      int width,
      float[] x,
      int xOffset,
      int xStride,
      int n,
      float[] y,
      int yOffset,
      int yStride) {
    long rowBytes = TYPE.bytes(width);
    if (n == 1 && UNPACKS) {
      float[] sums = HAS_MIN ? sums(x, xOffset, width) : null;
      for (int r = 0; r < count; r++) {
        y[yOffset + r] = dot(rows, offset + r * rowBytes, width, x, xOffset, sums);
      }
      return;
    }
    float[] wide = Scratch.floats(4 * width);
    for (int r = 0; r < count; r += 4) {
      int here = Math.min(4, count - r);
      widen(rows, offset + r * rowBytes, here * width, wide, 0);
      WideRows.multiply(wide, here, width, x, xOffset, xStride, n, y, yOffset + r, yStride);
    }
  }

  /** Of each group of an input. */
  private static float[] sums(float[] x, int from, int width) {
    float[] sums = Scratch.floats(width / GROUP);
    for (int g = 0; g < width / GROUP; g++) {
      FloatVector sum = FloatVector.zero(F);
      for (int j = 0; j < GROUP; j += LANES) {
        sum = sum.add(FloatVector.fromArray(F, x, from + g * GROUP + j));
      }
      sums[g] = sum.reduceLanes(ADD);
    }
    return sums;
  }

  private static float dot(
      MemorySegment rows, long row, int width, float[] x, int x0, float[] sums) {
    float dot = ofStored(rows, row, width, x, x0);
    return HAS_MIN ? dot - taken(rows, row, width, sums) : dot;
  }

  // Conditions on constants: the compiler takes a switch over an enum for a question of its own.

  /** With the numbers as they are stored, and without minima. */
  private static float ofStored(MemorySegment rows, long row, int width, float[] x, int x0) {
    if (TYPE == DType.Q8_0) {
      return BlockDots.q8(rows, row, width, x, x0);
    }
    if (TYPE == DType.Q4_0 || TYPE == DType.Q4_1) {
      return BlockDots.q4(rows, row, width, HEAD, x, x0);
    }
    if (TYPE == DType.Q5_0 || TYPE == DType.Q5_1) {
      return BlockDots.q5(rows, row, width, HEAD, x, x0);
    }
    if (TYPE == DType.Q4_K) {
      return BlockDots.q4k(rows, row, width, x, x0);
    }
    if (TYPE == DType.Q5_K) {
      return BlockDots.q5k(rows, row, width, x, x0);
    }
    return TYPE == DType.Q6_K
        ? BlockDots.q6k(rows, row, width, x, x0)
        : ofTwoBits(rows, row, width, x, x0);
  }

  /** Q2_K and Q3_K, a group at a time. */
  private static float ofTwoBits(MemorySegment rows, long row, int width, float[] x, int x0) {
    FloatVector sum = FloatVector.zero(F);
    long block = row;
    for (int j = x0; j < x0 + width; j += BLOCK, block += BLOCK_BYTES) {
      for (int i = 0; i < BLOCK; i += GROUP) {
        FloatVector group = FloatVector.zero(F);
        for (int k = i; k < i + GROUP; k += LANES) {
          group = numbers(rows, block, k).fma(FloatVector.fromArray(F, x, j + k), group);
        }
        sum = group.fma(FloatVector.broadcast(F, scale(rows, block, i / GROUP)), sum);
      }
    }
    return sum.reduceLanes(ADD);
  }

  private static float taken(MemorySegment rows, long row, int width, float[] sums) {
    float taken = 0;
    long block = row;
    for (int group = 0; group < width / GROUP; group += BLOCK / GROUP, block += BLOCK_BYTES) {
      taken += taken(rows, block, sums, group);
    }
    return taken;
  }

  /** What minima, and numbers that are too large, have made of a block too much. */
  private static float taken(MemorySegment rows, long block, float[] sums, int group) {
    if (BLOCK == 32) {
      return LESS == 0
          ? -BlockDots.half(rows, block + 2) * sums[group]
          : LESS * BlockDots.half(rows, block) * sums[group];
    }
    float sum = 0;
    if (TYPE == DType.Q4_K || TYPE == DType.Q5_K) {
      long mins = BlockDots.mins(rows, block + 4);
      for (int g = 0; g < 8; g++) {
        sum += ((int) (mins >>> 8 * g) & 63) * sums[group + g];
      }
      return BlockDots.half(rows, block + 2) * sum;
    }
    for (int g = 0; g < 16; g++) {
      sum += plainMin(rows, block, g) * sums[group + g];
    }
    return sum;
  }

  @Override
  public void widen(MemorySegment rows, long offset, int count, float[] to, int toOffset) {
    if (!UNPACKS) {
      PLAIN.widen(rows, offset, count, to, toOffset);
      return;
    }
    long block = offset;
    for (int j = 0; j < count; j += BLOCK, block += BLOCK_BYTES) {
      for (int i = 0; i < BLOCK; i += GROUP) {
        FloatVector scale = FloatVector.broadcast(F, scale(rows, block, i / GROUP));
        FloatVector min = FloatVector.broadcast(F, plainMin(rows, block, i / GROUP));
        for (int k = i; k < i + GROUP; k += LANES) {
          numbers(rows, block, k).sub(LESS).mul(scale).sub(min).intoArray(to, toOffset + j + k);
        }
      }
    }
  }

  /**
   * The stored numbers of elements {@code at} to {@code at} + LANES - 1 of a block, which are of
   * one half of a group.
   */
  private static FloatVector numbers(MemorySegment rows, long block, int at) {
    IntVector numbers = BLOCK == 32 ? ofBlock(rows, block, at) : ofSuperBlock(rows, block, at);
    return BlockDots.floats(numbers);
  }

  private static IntVector ofBlock(MemorySegment rows, long block, int at) {
    if (TYPE == DType.Q8_0) {
      return BlockDots.signed(rows, block + 2 + at);
    }
    IntVector low = halves(rows, block + HEAD, at);
    return TYPE == DType.Q5_0 || TYPE == DType.Q5_1
        ? low.or(BlockDots.fifth(BlockDots.int32(rows, block + HEAD - 4) >>> at))
        : low;
  }

  private static IntVector ofSuperBlock(MemorySegment rows, long block, int at) {
    if (TYPE == DType.Q4_K) {
      return fourBits(rows, block + 16, at);
    }
    if (TYPE == DType.Q5_K) {
      IntVector fifth = bits(rows, block + 16 + at % 32, at / 32, 1);
      return fourBits(rows, block + 48, at).or(fifth.lanewise(LSHL, 4));
    }
    if (TYPE == DType.Q6_K) {
      IntVector low = bits(rows, block + at / 128 * 64L + at % 64, at % 128 / 64 * 4, 15);
      return low.or(twoBits(rows, block + 128, at).lanewise(LSHL, 4)).sub(32);
    }
    if (TYPE == DType.Q3_K) {
      IntVector third = bits(rows, block + at % 32, at / 32, 1);
      return twoBits(rows, block + 32, at).or(third.lanewise(LSHL, 2)).sub(4);
    }
    return twoBits(rows, block + 16, at);
  }

  /** Of each byte the bits from {@code shift} on that a mask has. */
  private static IntVector bits(MemorySegment rows, long at, int shift, int mask) {
    return BlockDots.bytes(rows, at).lanewise(LSHR, shift).and(mask);
  }

  /** Elements i and i + 16 of a block of 32 share a byte. */
  private static IntVector halves(MemorySegment rows, long numbers, int at) {
    return bits(rows, numbers + at % 16, at / 16 * 4, 15);
  }

  /** Elements i and i + 32 of each 64 share a byte. */
  private static IntVector fourBits(MemorySegment rows, long numbers, int at) {
    return bits(rows, numbers + at / 64 * 32L + at % 32, at % 64 / 32 * 4, 15);
  }

  /** Elements i, i + 32, i + 64 and i + 96 of each 128 share a byte. */
  private static IntVector twoBits(MemorySegment rows, long numbers, int at) {
    return bits(rows, numbers + at / 128 * 32L + at % 32, at % 128 / 32 * 2, 3);
  }

  private static int unsigned(MemorySegment rows, long at) {
    return rows.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  private static float scale(MemorySegment rows, long block, int group) {
    if (BLOCK == 32) {
      return BlockDots.half(rows, block);
    }
    if (TYPE == DType.Q4_K || TYPE == DType.Q5_K) {
      int scale = (int) (BlockDots.scales(rows, block + 4) >>> 8 * group) & 63;
      return BlockDots.half(rows, block) * scale;
    }
    if (TYPE == DType.Q6_K) {
      byte scale = rows.get(ValueLayout.JAVA_BYTE, block + 192 + group);
      return BlockDots.half(rows, block + 208) * scale;
    }
    return TYPE == DType.Q3_K
        ? BlockDots.half(rows, block + 108) * (q3Scale(rows, block + 96, group) - 32)
        : BlockDots.half(rows, block + 80) * (unsigned(rows, block + group) & 15);
  }

  private static int q3Scale(MemorySegment rows, long scales, int group) {
    int low = unsigned(rows, scales + group % 8) >> group / 8 * 4 & 15;
    return low | (unsigned(rows, scales + 8 + group % 4) >> group / 4 * 2 & 3) << 4;
  }

  /** What is taken off a group's elements, as the format has it. */
  private static float plainMin(MemorySegment rows, long block, int group) {
    if (TYPE == DType.Q4_1 || TYPE == DType.Q5_1) {
      return -BlockDots.half(rows, block + 2);
    }
    if (TYPE == DType.Q4_K || TYPE == DType.Q5_K) {
      int min = (int) (BlockDots.mins(rows, block + 4) >>> 8 * group) & 63;
      return BlockDots.half(rows, block + 2) * min;
    }
    return TYPE == DType.Q2_K
        ? BlockDots.half(rows, block + 82) * (unsigned(rows, block + group) >> 4)
        : 0;
  }
}
