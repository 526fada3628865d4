package org.resa4j.engine;

/** The number format of the KV cache. */
public enum KvType {
  F32(4),
  F16(2);

  private final int bytes;

  KvType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
