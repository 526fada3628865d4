package org.resa4j.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Writes fp32 numbers in another format; of the quantised ones those that need no search for the
 * best scales, Q8_0 and Q4_0. The bytes are those that ggml writes.
 */
public final class Quantiser {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Writes one block. */
  private interface BlockWriter {
    void write(float[] x, int from, MemorySegment to, long offset);
  }

  private static final Map<DType, BlockWriter> WRITERS =
      Map.of(
          DType.F32, (x, from, to, offset) -> to.set(FLOAT, offset, x[from]),
          DType.F16, (x, from, to, offset) -> to.set(SHORT, offset, Float.floatToFloat16(x[from])),
          DType.BF16, (x, from, to, offset) -> to.set(SHORT, offset, bf16(x[from])),
          DType.Q8_0, Quantiser::q8,
          DType.Q4_0, Quantiser::q4);

  private final DType type;
  private final BlockWriter writer;

  private Quantiser(DType type, BlockWriter writer) {
    this.type = type;
    this.writer = writer;
  }

  /** Whether there is one for a format. */
  public static boolean writes(DType type) {
    return WRITERS.containsKey(type);
  }

  /**
   * The one for a format.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Quantiser of(DType type) {
    if (!writes(type)) {
      throw new IllegalArgumentException("there is nothing here that writes " + type);
    }
    return new Quantiser(type, WRITERS.get(type));
  }

  /**
   * Writes {@code count} numbers from index {@code from} on, whole blocks.
   *
   * @param offset in bytes
   */
  public void write(float[] x, int from, int count, MemorySegment to, long offset) {
    type.bytes(count);
    long at = offset;
    for (int i = from; i < from + count; i += type.blockLength(), at += type.blockBytes()) {
      writer.write(x, i, to, at);
    }
  }

  /** Rounded to nearest, ties to even; NaN stays one. */
  private static short bf16(float x) {
    int bits = Float.floatToRawIntBits(x);
    return Float.isNaN(x)
        ? (short) (bits >> 16 | 0x40)
        : (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** The largest number becomes 127 or -127. */
  private static void q8(float[] x, int from, MemorySegment to, long offset) {
    float largest = 0;
    for (int i = from; i < from + 32; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    float scale = largest / 127;
    float inverse = scale == 0 ? 0 : 1 / scale;
    to.set(SHORT, offset, Float.floatToFloat16(scale));
    for (int i = 0; i < 32; i++) {
      to.set(ValueLayout.JAVA_BYTE, offset + 2 + i, (byte) awayFromZero(x[from + i] * inverse));
    }
  }

  /** To the nearest whole number, halves away from zero. */
  private static int awayFromZero(float x) {
    return x < 0 ? -Math.round(-x) : Math.round(x);
  }

  /** The largest number, whatever its sign, becomes -8: the range has one more on that side. */
  private static void q4(float[] x, int from, MemorySegment to, long offset) {
    float largest = 0;
    for (int i = from; i < from + 32; i++) {
      if (Math.abs(x[i]) > Math.abs(largest)) {
        largest = x[i];
      }
    }
    float scale = largest / -8;
    float inverse = scale == 0 ? 0 : 1 / scale;
    to.set(SHORT, offset, Float.floatToFloat16(scale));
    for (int i = 0; i < 16; i++) {
      int low = Math.min(15, (int) (x[from + i] * inverse + 8.5f));
      int high = Math.min(15, (int) (x[from + i + 16] * inverse + 8.5f));
      to.set(ValueLayout.JAVA_BYTE, offset + 2 + i, (byte) (low | high << 4));
    }
  }
}
