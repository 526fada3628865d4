package org.resa4j.format;

import java.util.Optional;

/** Kinds of values in a GGUF file's metadata; each one's number there is its place here. */
enum GgufType {
  U8(1),
  I8(1),
  U16(2),
  I16(2),
  U32(4),
  I32(4),
  F32(4),
  BOOL(1),
  STRING(0),
  ARRAY(0),
  U64(8),
  I64(8),
  F64(8);

  static final GgufType[] WHOLE = {U8, I8, U16, I16, U32, I32, U64, I64};
  static final GgufType[] FLOATS = {F32, F64};

  private final int bytes;

  GgufType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a value; 0 where they differ. */
  int bytes() {
    return bytes;
  }

  static Optional<GgufType> of(int number) {
    return number >= 0 && number < values().length
        ? Optional.of(values()[number])
        : Optional.empty();
  }
}
