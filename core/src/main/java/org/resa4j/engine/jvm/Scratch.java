package org.resa4j.engine.jvm;

/** Room for what a thread's inner loop has in between; never given back while the thread lives. */
final class Scratch {
  private static final ThreadLocal<float[]> FLOATS = ThreadLocal.withInitial(() -> new float[0]);

  private Scratch() {}

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
