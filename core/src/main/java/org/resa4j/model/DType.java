package org.resa4j.model;

import java.lang.foreign.MemorySegment;

/**
 * Number formats of stored tensors. Quantised ones keep the elements of a row in blocks, as ggml
 * lays them out: whole numbers of few bits, and scales of the groups that they form.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">where the names are
 *     from</a>
 */
public enum DType {
  F32(4),
  F16(2),
  BF16(2),
  Q8_0(32, 34, 32, Blocks::q8),
  Q4_0(32, 18, 32, Blocks::q4),
  Q4_1(32, 20, 32, Blocks::q4WithMin),
  Q5_0(32, 22, 32, Blocks::q5),
  Q5_1(32, 24, 32, Blocks::q5WithMin),
  IQ4_NL(32, 18, 32, Blocks::iq4),
  Q2_K(256, 84, 16, SuperBlocks::q2),
  Q3_K(256, 110, 16, SuperBlocks::q3),
  Q4_K(256, 144, 32, SuperBlocks::q4),
  Q5_K(256, 176, 32, SuperBlocks::q5),
  Q6_K(256, 210, 16, SuperBlocks::q6);

  private final int blockLength;
  private final int blockBytes;
  private final int groupLength;
  private final BlockReader reader;

  /** Of plain numbers. */
  DType(int bytes) {
    this(1, bytes, 1, null);
  }

  DType(int blockLength, int blockBytes, int groupLength, BlockReader reader) {
    this.blockLength = blockLength;
    this.blockBytes = blockBytes;
    this.groupLength = groupLength;
    this.reader = reader;
  }

  /** Reads one block: {@link QuantisedBlock} says what comes out. */
  interface BlockReader {
    void read(MemorySegment data, long offset, QuantisedBlock to);
  }

  /** Whether elements stand in blocks with scales, and not each for itself. */
  public boolean isQuantised() {
    return reader != null;
  }

  /** Elements of a block, which a row has a whole number of; 1 for plain numbers. */
  public int blockLength() {
    return blockLength;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Elements that have a scale in common. */
  public int groupLength() {
    return groupLength;
  }

  /**
   * Bytes of so many elements.
   *
   * @throws IllegalArgumentException unless they are whole blocks
   * @throws ArithmeticException if they are more than a long holds
   */
  public long bytes(long elements) {
    if (elements % blockLength != 0) {
      throw new IllegalArgumentException(
          "%d elements are no whole blocks of %d, as %s has them"
              .formatted(elements, blockLength, this));
    }
    return Math.multiplyExact(elements / blockLength, (long) blockBytes);
  }

  /** Bits of an element, its part of the scales included. */
  public double bitsPerElement() {
    return 8.0 * blockBytes / blockLength;
  }

  void read(MemorySegment data, long offset, QuantisedBlock to) {
    reader.read(data, offset, to);
  }
}
