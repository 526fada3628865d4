package org.resa4j.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Small helpers for TornadoVM's arrays and their host sides. */
final class HostArrays {
  private HostArrays() {}

  /** The arrays of both. */
  static List<TornadoNativeArray> join(
      List<? extends TornadoNativeArray> arrays, TornadoNativeArray... more) {
    List<TornadoNativeArray> all = new ArrayList<>(arrays);
    all.addAll(List.of(more));
    return all;
  }

  /** Copies the first {@code count} values. */
  static void write(float[] from, FloatArray to, int count) {
    MemorySegment.copy(from, 0, to.getSegment(), ValueLayout.JAVA_FLOAT, 0, count);
  }

  /** Copies the first {@code count} values. */
  static void read(FloatArray from, float[] to, int count) {
    read(from, 0, to, count);
  }

  /** Copies {@code count} values from {@code offset}. */
  static void read(FloatArray from, long offset, float[] to, int count) {
    MemorySegment.copy(from.getSegment(), ValueLayout.JAVA_FLOAT, offset * 4, to, 0, count);
  }
}
