package org.resa4j.model;

import java.lang.foreign.MemorySegment;

/**
 * One block of a quantised tensor, taken apart into what all formats have in common: element i of
 * group g is {@code scale[g] · number[i] − min[g]}, each operation rounded to fp32. These are the
 * values that ggml makes of it, bit by bit.
 *
 * <p>Made to be used again for one block after the other. Not thread-safe.
 */
public final class QuantisedBlock {
  private final DType type;

  // In DType's table only the readers of this package write them.
  final byte[] number;
  final float[] scale;
  final float[] min;

  /**
   * @throws IllegalArgumentException if the format is not quantised
   */
  public QuantisedBlock(DType type) {
    if (!type.isQuantised()) {
      throw new IllegalArgumentException(type + " has no blocks");
    }
    this.type = type;
    number = new byte[type.blockLength()];
    scale = new float[type.blockLength() / type.groupLength()];
    min = new float[scale.length];
  }

  /** Takes the block at a byte offset apart. */
  public void read(MemorySegment data, long offset) {
    type.read(data, offset, this);
  }

  /** The whole number that is stored for element {@code i}. */
  public byte number(int i) {
    return number[i];
  }

  /** Groups of elements that have scale and minimum in common. */
  public int groups() {
    return scale.length;
  }

  public float scale(int group) {
    return scale[group];
  }

  /** What is taken off every element of a group. */
  public float min(int group) {
    return min[group];
  }

  /** Writes the elements from {@code at} on. */
  public void widen(float[] to, int at) {
    int length = type.groupLength();
    for (int g = 0; g < scale.length; g++) {
      for (int i = g * length; i < (g + 1) * length; i++) {
        to[at + i] = scale[g] * number[i] - min[g];
      }
    }
  }
}
