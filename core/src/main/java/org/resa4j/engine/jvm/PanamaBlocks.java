package org.resa4j.engine.jvm;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
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
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();
  private static final VectorSpecies<Integer> I = F.withLanes(int.class);
  private static final VectorSpecies<Byte> B =
      LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
  private static final IntVector LANE = IntVector.zero(I).addIndex(1);

  /** Where groups have something taken off, or numbers stand for themselves less a constant. */
  private static final boolean HAS_MIN = TYPE != DType.Q8_0;

  /**
   * Whether vectors have as many lanes as can be unpacked at once, and the numbers are no table.
   */
  private static final boolean UNPACKS = (LANES == 8 || LANES == 16) && TYPE != DType.IQ4_NL;

  /** What a stored number is more than the one that it stands for. */
  private static final float LESS =
      switch (TYPE) {
        case Q4_0 -> 8;
        case Q5_0 -> 16;
        case Q3_K -> 4;
        case Q6_K -> 32;
        default -> 0;
      };

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
    FloatVector sum = FloatVector.zero(F);
    float taken = 0;
    long block = row;
    int group = 0;
    for (int j = 0; j < width; j += BLOCK, block += BLOCK_BYTES) {
      for (int i = 0; i < BLOCK; i += GROUP, group++) {
        FloatVector products = numbers(rows, block, i).mul(FloatVector.fromArray(F, x, x0 + j + i));
        for (int k = LANES; k < GROUP; k += LANES) {
          products =
              numbers(rows, block, i + k)
                  .fma(FloatVector.fromArray(F, x, x0 + j + i + k), products);
        }
        float scale = scale(rows, block, i / GROUP);
        sum = products.fma(FloatVector.broadcast(F, scale), sum);
        if (HAS_MIN) {
          taken += min(rows, block, i / GROUP, scale) * sums[group];
        }
      }
    }
    return sum.reduceLanes(ADD) - taken;
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
    IntVector numbers =
        switch (TYPE) {
          case Q8_0 -> signed(rows, block + 2 + at);
          case Q4_0 -> halves(rows, block + 2, at);
          case Q4_1 -> halves(rows, block + 4, at);
          case Q5_0 -> halves(rows, block + 6, at).or(fifth(rows.get(INT, block + 2), at));
          case Q5_1 -> halves(rows, block + 8, at).or(fifth(rows.get(INT, block + 4), at));
          case Q2_K -> twoBits(rows, block + 16, at);
          case Q3_K ->
              twoBits(rows, block + 32, at)
                  .or(bits(rows, block + at % 32, at / 32, 1).lanewise(LSHL, 2));
          case Q4_K -> fourBits(rows, block + 16, at);
          case Q5_K ->
              fourBits(rows, block + 48, at)
                  .or(bits(rows, block + 16 + at % 32, at / 32, 1).lanewise(LSHL, 4));
          case Q6_K ->
              bits(rows, block + at / 128 * 64L + at % 64, at % 128 / 64 * 4, 15)
                  .or(twoBits(rows, block + 128, at).lanewise(LSHL, 4));
          default -> throw new LinkageError(TYPE + " is not unpacked");
        };
    return (FloatVector) numbers.convertShape(I2F, F, 0);
  }

  private static IntVector signed(MemorySegment rows, long at) {
    return (IntVector) ByteVector.fromMemorySegment(B, rows, at, LE).convertShape(B2I, I, 0);
  }

  private static IntVector bytes(MemorySegment rows, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(B, rows, at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
  }

  /** Of each byte the bits from {@code shift} on that a mask has. */
  private static IntVector bits(MemorySegment rows, long at, int shift, int mask) {
    return bytes(rows, at).lanewise(LSHR, shift).and(mask);
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

  /** Bit {@code at} + lane of 32, in the fifth place. */
  private static IntVector fifth(int bits, int at) {
    return IntVector.broadcast(I, bits >>> at).lanewise(LSHR, LANE).and(1).lanewise(LSHL, 4);
  }

  private static float half(MemorySegment rows, long at) {
    return Float.float16ToFloat(rows.get(SHORT, at));
  }

  private static int unsigned(MemorySegment rows, long at) {
    return rows.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  private static float scale(MemorySegment rows, long block, int group) {
    return switch (TYPE) {
      case Q2_K -> half(rows, block + 80) * (unsigned(rows, block + group) & 15);
      case Q3_K -> half(rows, block + 108) * (q3Scale(rows, block + 96, group) - 32);
      case Q4_K, Q5_K -> half(rows, block) * sixBits(rows, block + 4, group, 0);
      case Q6_K -> half(rows, block + 208) * rows.get(ValueLayout.JAVA_BYTE, block + 192 + group);
      default -> half(rows, block);
    };
  }

  private static int q3Scale(MemorySegment rows, long scales, int group) {
    int low = unsigned(rows, scales + group % 8) >> group / 8 * 4 & 15;
    return low | (unsigned(rows, scales + 8 + group % 4) >> group / 4 * 2 & 3) << 4;
  }

  /**
   * Scale or minimum of a group: the first four of 6 bits each, the others have their upper two
   * bits in the first ones' bytes.
   *
   * @param which 0 for the scale, 1 for the minimum
   */
  private static int sixBits(MemorySegment rows, long scales, int group, int which) {
    int first = unsigned(rows, scales + 4L * which + group % 4);
    return group < 4
        ? first & 63
        : unsigned(rows, scales + 4 + group) >> 4 * which & 15 | first >> 6 << 4;
  }

  /** What is taken off a group's elements, as the format has it. */
  private static float plainMin(MemorySegment rows, long block, int group) {
    return switch (TYPE) {
      case Q4_1, Q5_1 -> -half(rows, block + 2);
      case Q2_K -> half(rows, block + 82) * (unsigned(rows, block + group) >> 4);
      case Q4_K, Q5_K -> half(rows, block + 2) * sixBits(rows, block + 4, group, 1);
      default -> 0;
    };
  }

  /** The same of stored numbers, which are {@link #LESS} too large. */
  private static float min(MemorySegment rows, long block, int group, float scale) {
    return LESS == 0 ? plainMin(rows, block, group) : LESS * scale;
  }
}
