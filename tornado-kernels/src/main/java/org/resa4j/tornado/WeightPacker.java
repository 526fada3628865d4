package org.resa4j.tornado;

import org.resa4j.error.DeviceException;
import org.resa4j.model.QuantisedBlock;
import org.resa4j.model.Tensor;
import org.resa4j.tornado.layer.PackedWeights;
import org.resa4j.tornado.layer.Packing;

/** Brings quantised tensors from a file's blocks into ints, number for number. */
final class WeightPacker {
  private static final float LARGEST_HALF = 65504f;

  private WeightPacker() {}

  /**
   * Packs a tensor, on all cores.
   *
   * @param firstRow of the matrix, which may have several tensors below one another
   * @throws DeviceException if a scale is outside fp16's range and scales are fp16, naming the
   *     tensor
   */
  static void pack(Tensor tensor, PackedWeights to, int firstRow) {
    RowChunks.forEach(
        tensor.rows(),
        (from, end) -> {
          QuantisedBlock block = new QuantisedBlock(tensor.dtype());
          for (int row = from; row < end; row++) {
            row(tensor, row, block, to, firstRow + row);
          }
        });
  }

  private static void row(
      Tensor tensor, int row, QuantisedBlock block, PackedWeights to, int toRow) {
    Packing packing = to.packing();
    int columns = tensor.columns();
    int length = tensor.dtype().blockLength();
    int number = toRow * packing.ints(columns);
    int scale = toRow * packing.scales(columns);
    long at = tensor.dtype().bytes((long) row * columns);
    for (int column = 0; column < columns; column += length) {
      block.read(tensor.data(), at);
      at += tensor.dtype().blockBytes();
      for (int i = 0; i < length; i += packing.numbersOfInt()) {
        to.numbers().set(number++, packed(block, i, packing));
      }
      for (int i = 0; i < length; i += packing.group()) {
        int group = i / tensor.dtype().groupLength();
        set(tensor, to, scale++, block.scale(group));
        if (packing.mins() == 1) {
          set(tensor, to, scale++, block.min(group));
        } else if (block.min(group) != 0) {
          throw new IllegalStateException(tensor.dtype() + " has minima");
        }
      }
    }
  }

  /** The int of numbers from {@code first} on. */
  private static int packed(QuantisedBlock block, int first, Packing packing) {
    int packed = 0;
    int mask = (1 << packing.bits()) - 1;
    for (int i = 0; i < packing.numbersOfInt(); i++) {
      int stored = block.number(first + i) + packing.offset();
      if (packing.bits() == 4 && (stored & mask) != stored) {
        throw new IllegalStateException(stored + " is no nibble");
      }
      packed |= (stored & mask) << Packing.shift(i, packing.bits());
    }
    return packed;
  }

  private static void set(Tensor tensor, PackedWeights to, int index, float value) {
    if (to.scales().half() && Math.abs(value) > LARGEST_HALF) {
      throw new DeviceException(
          "%s: a scale of %g is outside the range of fp16; use a checkpoint in fp32"
              .formatted(tensor.name(), value));
    }
    to.scales().set(index, value);
  }
}
