package org.resa4j.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Formats with one scale for each block of 32. Those of 4 and 5 bits have element i in the low half
 * of byte i, and element i + 16 in the high half.
 */
final class Blocks {
  private static final int HALF = 16;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What the 16 numbers of IQ4_NL stand for. */
  private static final byte[] IQ4_VALUES = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private Blocks() {}

  static float half(MemorySegment data, long offset) {
    return Float.float16ToFloat(data.get(SHORT, offset));
  }

  static int unsigned(MemorySegment data, long offset) {
    return data.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
  }

  /** Scale, 32 signed bytes. */
  static void q8(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset + 2, to.number, 0, 32);
  }

  /** Scale, 4 bits less 8. */
  static void q4(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(data, offset + 2 + i);
      to.number[i] = (byte) ((both & 0xF) - 8);
      to.number[i + HALF] = (byte) ((both >> 4) - 8);
    }
  }

  /** Scale, what is added, 4 bits. */
  static void q4WithMin(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    to.min[0] = -half(data, offset + 2);
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(data, offset + 4 + i);
      to.number[i] = (byte) (both & 0xF);
      to.number[i + HALF] = (byte) (both >> 4);
    }
  }

  /** Scale, the fifth bits, 4 bits; less 16. */
  static void q5(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    fiveBits(data, offset + 2, 16, to);
  }

  /** Scale, what is added, the fifth bits, 4 bits. */
  static void q5WithMin(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    to.min[0] = -half(data, offset + 2);
    fiveBits(data, offset + 4, 0, to);
  }

  private static void fiveBits(MemorySegment data, long offset, int less, QuantisedBlock to) {
    int fifth = data.get(INT, offset);
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(data, offset + 4 + i);
      to.number[i] = (byte) ((both & 0xF | (fifth >> i & 1) << 4) - less);
      to.number[i + HALF] = (byte) ((both >> 4 | (fifth >> i + HALF & 1) << 4) - less);
    }
  }

  /** Scale, 4 bits that choose one of 16 values. */
  static void iq4(MemorySegment data, long offset, QuantisedBlock to) {
    to.scale[0] = half(data, offset);
    for (int i = 0; i < HALF; i++) {
      int both = unsigned(data, offset + 2 + i);
      to.number[i] = IQ4_VALUES[both & 0xF];
      to.number[i + HALF] = IQ4_VALUES[both >> 4];
    }
  }
}
