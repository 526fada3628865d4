package org.resa4j.engine;

import org.resa4j.model.DType;

/**
 * The number format of the KV cache. {@code Q8} keeps K and V in {@link DType#Q8_0}: whole numbers
 * of 8 bits, 32 of a head's dimensions with an fp16 scale; descriptors, of K as it is kept, in
 * fp16.
 */
public enum KvType {
  F32(DType.F32, DType.F32),
  F16(DType.F16, DType.F16),
  Q8(DType.Q8_0, DType.F16);

  private final DType format;
  private final DType descriptors;

  KvType(DType format, DType descriptors) {
    this.format = format;
    this.descriptors = descriptors;
  }

  /** Format of K and V; a head's row is whole blocks of it. */
  public DType format() {
    return format;
  }

  /** Format of the blocks' minima and maxima. */
  public DType descriptors() {
    return descriptors;
  }
}
