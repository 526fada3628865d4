package org.resa4j.tornado.attention;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Q8_0 on devices, for the kernels of every family: whole numbers of 8 bits, four in an int, the
 * first in its lowest bits; and for each {@link #GROUP} of them a scale. A value is scale times
 * number, which fp32 holds exactly.
 *
 * <p>Scales and numbers are those of {@link org.resa4j.model.Quantiser}, bit for bit, on devices
 * whose compilers may reorder sums, join products with them and take division as they like. So
 * floating-point numbers are multiplied by powers of two only, but for the one product that the
 * format asks for, and all rounding is done with ints. A scale is rounded to fp16 and kept in fp32,
 * which devices without fp16 read too.
 */
public final class EightBits {
  /** Values that have a scale in common. */
  public static final int GROUP = 32;

  /** Numbers in an int. */
  public static final int PACKED = 4;

  /** Bytes of a group: its numbers and its scale. */
  public static final int GROUP_BYTES = GROUP + Float.BYTES;

  private static final int GROUP_SHIFT = 5;
  private static final int PACKED_SHIFT = 2;

  /** From here on a number is beyond fp16. */
  private static final float BEYOND = 65520;

  /** From here on a scale would be. */
  private static final float LARGEST = BEYOND * 127;

  /** Below this the scale is 0 in fp16, and so are all values. */
  private static final float SMALLEST = 0x1p-19f;

  private EightBits() {}

  /** In a kernel: where the scale of a value is. */
  public static int scale(int index) {
    return index >> GROUP_SHIFT;
  }

  /** In a kernel: where the int is that has a value's number. */
  public static int packed(int index) {
    return index >> PACKED_SHIFT;
  }

  /**
   * In a kernel: a number of an int.
   *
   * @param i which, from 0 to 3
   */
  public static float number(int packed, int i) {
    return (packed << (24 - 8 * i)) >> 24;
  }

  /** In a kernel: a value, widened. */
  public static float get(FloatArray scales, IntArray numbers, int index) {
    return scales.get(index >> GROUP_SHIFT)
        * number(numbers.get(index >> PACKED_SHIFT), index & (PACKED - 1));
  }

  /**
   * In a kernel: rounds a group of values and writes it. One that has a value which is no number,
   * or whose scale is beyond fp16, has no numbers thereafter.
   *
   * @param from where the values begin
   * @param index where they go, as values of the cache are counted
   * @param one 1, which TornadoVM does not see: it would write out loops of constant length
   */
  public static void write(
      FloatArray values, int from, FloatArray scales, IntArray numbers, int index, int one) {
    float largest = 0;
    float total = 0;
    int finite = 0;
    for (int i = 0; i < GROUP * one; i++) {
      float size = TornadoMath.abs(values.get(from + i));
      // Counted where true: of an unordered comparison's negation back ends make what they like.
      if (size < LARGEST) {
        finite = finite + 1;
      }
      largest = TornadoMath.max(largest, size);
      total += size;
    }
    float scale = 0;
    float inverse = 0;
    if (finite == GROUP && largest >= SMALLEST) {
      // largest = mantissa * unit, 2^23 <= mantissa < 2^24.
      float unit = 0x1p-42f;
      float perUnit = 0x1p42f;
      if (largest >= unit * 0x1p55f) {
        unit = unit * 0x1p32f;
        perUnit = perUnit * 0x1p-32f;
      }
      if (largest >= unit * 0x1p39f) {
        unit = unit * 0x1p16f;
        perUnit = perUnit * 0x1p-16f;
      }
      if (largest >= unit * 0x1p31f) {
        unit = unit * 0x1p8f;
        perUnit = perUnit * 0x1p-8f;
      }
      if (largest >= unit * 0x1p27f) {
        unit = unit * 0x1p4f;
        perUnit = perUnit * 0x1p-4f;
      }
      if (largest >= unit * 0x1p25f) {
        unit = unit * 0x1p2f;
        perUnit = perUnit * 0x1p-2f;
      }
      if (largest >= unit * 0x1p24f) {
        unit = unit * 2;
        perUnit = perUnit * 0.5f;
      }
      // largest / 127 = quotient * unit, rounded to nearest: 127 is odd, so there are no ties.
      int dividend = ((int) (largest * perUnit)) << 7;
      unit = unit * 0x1p-7f;
      perUnit = perUnit * 0x1p7f;
      if (dividend >= 127 << 24) {
        dividend = dividend >> 1;
        unit = unit * 2;
        perUnit = perUnit * 0.5f;
      }
      int quotient = TornadoMath.max(dividend / 127, 1);
      if (2 * (dividend - 127 * quotient) > 127) {
        quotient = quotient + 1;
      }
      // 1 / scale = reciprocal * 2^-47 / unit, the scale before it is rounded to fp16.
      long reciprocal = (1L << 47) / quotient;
      if (2 * ((1L << 47) - reciprocal * quotient) > quotient) {
        reciprocal = reciprocal + 1;
      }
      inverse = (float) reciprocal * 0x1p-47f * perUnit;
      scale = half(quotient * unit);
    }
    for (int w = 0; w < GROUP / PACKED * one; w++) {
      int packed = 0;
      for (int i = 0; i < PACKED; i++) {
        float value = values.get(from + w * PACKED + i);
        // To the nearest, halves away from zero.
        int number = ((int) (2 * (TornadoMath.abs(value) * inverse)) + 1) >> 1;
        if (value < 0) {
          number = -number;
        }
        if (finite < GROUP) {
          number = 1;
        }
        packed = packed | (number & 0xFF) << (8 * i);
      }
      numbers.set((index >> PACKED_SHIFT) + w, packed);
    }
    if (finite < GROUP) {
      scale = total * Float.MAX_VALUE;
    }
    scales.set(index >> GROUP_SHIFT, scale);
  }

  /** In a kernel: of a value its part of a copy; all of a group's are called for. */
  public static void copy(FloatArray scales, IntArray numbers, int source, int target) {
    if (target % PACKED == 0) {
      numbers.set(target >> PACKED_SHIFT, numbers.get(source >> PACKED_SHIFT));
    }
    if (target % GROUP == 0) {
      scales.set(target >> GROUP_SHIFT, scales.get(source >> GROUP_SHIFT));
    }
  }

  /**
   * In a kernel: a number rounded to fp16, to nearest and ties to even, as fp32. What is beyond
   * fp16 stays as it is.
   */
  public static float half(float value) {
    float size = TornadoMath.abs(value);
    // size = steps * unit, steps < 2^11; the smallest unit is that of fp16's subnormals.
    float unit = 0x1p-24f;
    float perUnit = 0x1p24f;
    if (size >= unit * 0x1p26f) {
      unit = unit * 0x1p16f;
      perUnit = perUnit * 0x1p-16f;
    }
    if (size >= unit * 0x1p18f) {
      unit = unit * 0x1p8f;
      perUnit = perUnit * 0x1p-8f;
    }
    if (size >= unit * 0x1p14f) {
      unit = unit * 0x1p4f;
      perUnit = perUnit * 0x1p-4f;
    }
    if (size >= unit * 0x1p12f) {
      unit = unit * 0x1p2f;
      perUnit = perUnit * 0x1p-2f;
    }
    if (size >= unit * 0x1p11f) {
      unit = unit * 2;
      perUnit = perUnit * 0.5f;
    }
    // 13 bits behind the point, and whether there is more.
    float parts = size * perUnit * 0x1p13f;
    int whole = (int) parts;
    int steps = whole >> 13;
    int rest = 2 * (whole - (steps << 13));
    if (parts > (float) whole) {
      rest = rest + 1;
    }
    if (rest > 1 << 13) {
      steps = steps + 1;
    }
    if (rest == 1 << 13) {
      steps = steps + (steps & 1);
    }
    float rounded = steps * unit;
    if (value < 0) {
      rounded = -rounded;
    }
    if (size >= BEYOND) {
      rounded = value;
    }
    return rounded;
  }
}
