package org.resa4j.tornado.attention;

import org.resa4j.engine.KvType;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * How cache and descriptors lie in device arrays; a kernel family chooses for each number format.
 */
public enum CacheStorage {
  /** fp32 in a {@link FloatArray}. */
  FLOAT(KvType.F32, 1),
  /** fp16 in a {@link HalfFloatArray}. */
  HALF(KvType.F16, 1),
  /** Four fp16 values, lowest index in the lowest bits, in each element of a {@link LongArray}. */
  PACKED_HALF(KvType.F16, 4);

  private final KvType type;
  private final int valuesPerElement;

  CacheStorage(KvType type, int valuesPerElement) {
    this.type = type;
    this.valuesPerElement = valuesPerElement;
  }

  public KvType type() {
    return type;
  }

  /** Cache values in one element of the array. */
  public int valuesPerElement() {
    return valuesPerElement;
  }

  /**
   * Allocates an array of zeros.
   *
   * @param values cache values, a multiple of {@link #valuesPerElement()}; their size has been
   *     checked by {@link AttentionLayout}
   */
  public TornadoNativeArray allocate(long values) {
    int elements = Math.toIntExact(values / valuesPerElement);
    return switch (this) {
      case FLOAT -> HostMemory.floats(elements);
      case HALF -> HostMemory.halfs(elements);
      case PACKED_HALF -> HostMemory.longs(elements);
    };
  }
}
