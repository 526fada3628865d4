package org.resa4j.engine.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Room for what a thread's inner loop has in between; never given back while the thread lives. */
final class Scratch {
  private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[0]);

  private static final ThreadLocal<MemorySegment> MEMORY =
      ThreadLocal.withInitial(() -> MemorySegment.NULL);

  private Scratch() {}

  /** At least {@code bytes} of native memory, the same at every call of a thread. */
  static MemorySegment memory(long bytes) {
    MemorySegment memory = MEMORY.get();
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, 64);
      MEMORY.set(memory);
    }
    return memory;
  }

  /** At least {@code size} numbers, the same ones at every call of a thread. */
  static float[] floats(int size) {
    float[] floats = FLOATS.get();
    if (floats.length < size) {
      floats = new float[size];
      FLOATS.set(floats);
    }
    return floats;
  }
}
