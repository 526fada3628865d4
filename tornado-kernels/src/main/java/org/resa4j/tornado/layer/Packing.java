package org.resa4j.tornado.layer;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.resa4j.model.DType;

/**
 * How numbers of a quantised matrix lie in ints: signed bytes, or nibbles. The lower half of an int
 * has the even ones of its numbers, in their order from the lowest bits on, the upper half the odd
 * ones: so neighbours are 16 bits apart, as two fp16 values of an int are. Nibbles are unsigned:
 * where there are no minima they are the numbers and {@link #OFFSET} more. Every format of a file
 * has a packing that keeps its numbers as they are.
 *
 * @param bits of a number: 4 or 8
 * @param group numbers that have a scale in common: 16 or 32
 * @param mins 1 if every scale has a minimum behind it, else 0; an int, as kernels take it
 */
public record Packing(int bits, int group, int mins) {
  /** What is added to numbers from -8 on to be a nibble. */
  public static final int OFFSET = 8;

  private static final Set<DType> NIBBLES = EnumSet.of(DType.Q4_0, DType.Q4_1, DType.Q4_K);
  private static final Set<DType> MINS =
      EnumSet.of(DType.Q4_1, DType.Q5_1, DType.Q2_K, DType.Q4_K, DType.Q5_K);

  public Packing {
    if (bits != 4 && bits != 8 || group != 16 && group != 32 || mins != 0 && mins != 1) {
      throw new IllegalArgumentException(
          "no packing: %d bits, groups of %d, mins %d".formatted(bits, group, mins));
    }
  }

  /**
   * The smallest for a matrix whose rows are in all of these formats; empty if some are not
   * quantised.
   */
  public static Optional<Packing> of(Collection<DType> types) {
    if (!types.stream().allMatch(DType::isQuantised)) {
      return Optional.empty();
    }
    boolean mins = types.stream().anyMatch(MINS::contains);
    // Nibbles with and without minima do not begin at the same number.
    boolean nibbles = NIBBLES.containsAll(types) && (!mins || MINS.containsAll(types));
    int group = types.stream().mapToInt(DType::groupLength).min().orElseThrow();
    return Optional.of(new Packing(nibbles ? 4 : 8, group, mins ? 1 : 0));
  }

  /** What tells its kernels from others' in ids of tasks. */
  public String id() {
    return "_%d_%d_%d".formatted(bits, group, mins);
  }

  public int numbersOfInt() {
    return Integer.SIZE / bits;
  }

  /** Ints of a row of so many numbers, which are whole groups. */
  public int ints(int inputs) {
    return inputs / numbersOfInt();
  }

  /** Scales and minima of a row. */
  public int scales(int inputs) {
    return inputs / group * (1 + mins);
  }

  /** What stored numbers have in excess. */
  public int offset() {
    return bits == 4 && mins == 0 ? OFFSET : 0;
  }

  /** How many bits above the lowest an int's number {@code i} begins. */
  public static int shift(int i, int bits) {
    return i / 2 * bits + i % 2 * 16;
  }

  /**
   * In a kernel: a stored number of an int.
   *
   * @param i which, from 0 on
   */
  public static int number(int packed, int i, int bits) {
    if (bits == 4) {
      // Masked after the shift, which keeps the sign.
      return (packed >> shift(i, 4)) & 15;
    }
    return (packed << (24 - shift(i, 8))) >> 24;
  }
}
