package org.resa4j.model;

import static org.resa4j.model.Blocks.half;
import static org.resa4j.model.Blocks.unsigned;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The K formats: blocks of 256 whose groups have scales of few bits, which are multiples of the
 * block's own.
 */
final class SuperBlocks {
  private SuperBlocks() {}

  /** 16 scales and minima of 4 bits, 2 bits, both fp16 factors. */
  static void q2(MemorySegment data, long offset, QuantisedBlock to) {
    float factor = half(data, offset + 80);
    float minFactor = half(data, offset + 82);
    for (int g = 0; g < 16; g++) {
      int both = unsigned(data, offset + g);
      to.scale[g] = factor * (both & 0xF);
      to.min[g] = minFactor * (both >> 4);
    }
    for (int i = 0; i < 256; i++) {
      to.number[i] = (byte) twoBits(data, offset + 16, i);
    }
  }

  /** Each byte has four elements of 2 bits, 32 apart, within 128. */
  private static int twoBits(MemorySegment data, long offset, int i) {
    return unsigned(data, offset + i / 128 * 32L + i % 32) >> i % 128 / 32 * 2 & 3;
  }

  /** The third bits, 2 bits, 16 scales of 6 bits less 32, the factor. */
  static void q3(MemorySegment data, long offset, QuantisedBlock to) {
    float factor = half(data, offset + 108);
    long scales = offset + 96;
    for (int g = 0; g < 16; g++) {
      int low = unsigned(data, scales + g % 8) >> g / 8 * 4 & 0xF;
      int high = unsigned(data, scales + 8 + g % 4) >> g / 4 * 2 & 3;
      to.scale[g] = factor * ((low | high << 4) - 32);
    }
    for (int i = 0; i < 256; i++) {
      int third = unsigned(data, offset + i % 32) >> i / 32 & 1;
      to.number[i] = (byte) (twoBits(data, offset + 32, i) - (third == 1 ? 0 : 4));
    }
  }

  /** Both factors, 8 scales and minima of 6 bits, 4 bits. */
  static void q4(MemorySegment data, long offset, QuantisedBlock to) {
    scalesAndMins(data, offset, to);
    for (int i = 0; i < 256; i++) {
      to.number[i] = (byte) fourBits(data, offset + 16, i);
    }
  }

  /** Each byte has two elements of 4 bits, 32 apart, within 64. */
  private static int fourBits(MemorySegment data, long offset, int i) {
    return unsigned(data, offset + i / 64 * 32L + i % 32) >> i % 64 / 32 * 4 & 0xF;
  }

  /** Both factors, 8 scales and minima of 6 bits, the fifth bits, 4 bits. */
  static void q5(MemorySegment data, long offset, QuantisedBlock to) {
    scalesAndMins(data, offset, to);
    for (int i = 0; i < 256; i++) {
      int fifth = unsigned(data, offset + 16 + i % 32) >> i / 32 & 1;
      to.number[i] = (byte) (fourBits(data, offset + 48, i) | fifth << 4);
    }
  }

  /** The first four of 6 bits each; the others have their upper two in the first ones' bytes. */
  private static void scalesAndMins(MemorySegment data, long offset, QuantisedBlock to) {
    float factor = half(data, offset);
    float minFactor = half(data, offset + 2);
    long bits = offset + 4;
    for (int g = 0; g < 4; g++) {
      int scale = unsigned(data, bits + g);
      int min = unsigned(data, bits + 4 + g);
      int both = unsigned(data, bits + 8 + g);
      to.scale[g] = factor * (scale & 63);
      to.min[g] = minFactor * (min & 63);
      to.scale[g + 4] = factor * (both & 0xF | scale >> 6 << 4);
      to.min[g + 4] = minFactor * (both >> 4 | min >> 6 << 4);
    }
  }

  /** 4 bits, the upper two bits, 16 signed scales, the factor; less 32. */
  static void q6(MemorySegment data, long offset, QuantisedBlock to) {
    float factor = half(data, offset + 208);
    for (int g = 0; g < 16; g++) {
      to.scale[g] = factor * data.get(ValueLayout.JAVA_BYTE, offset + 192 + g);
    }
    for (int i = 0; i < 256; i++) {
      int within = i % 128;
      int low = unsigned(data, offset + i / 128 * 64L + within % 64) >> within / 64 * 4 & 0xF;
      int high = twoBits(data, offset + 128, i);
      to.number[i] = (byte) ((low | high << 4) - 32);
    }
  }
}
